"""Django views of one file: a blocking one, and one that awaits. Each runs under WSGI and under ASGI.

    OCTOFETCH_THUMBS_URL=https://images.example/thumbs gunicorn --workers 4 --threads 8 django_page:wsgi
    OCTOFETCH_THUMBS_URL=https://images.example/thumbs uvicorn django_page:asgi

The client stands beside the views, as it would in a project: opening it starts nothing, so that neither the
autoreloader nor a fork of the server disturbs it.
"""

# Django has no types of its own.
# mypy: disable-error-code="import-untyped"
import os

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.urls import path
from octofetch import Client, Deadline, DeadlineExceeded

thumbs = Client(os.environ["OCTOFETCH_THUMBS_URL"], name="thumbs", budget=0.3)


def picture(request: HttpRequest, name: str) -> HttpResponse:
    result = thumbs.fetch([name])[0]
    if isinstance(result.error, DeadlineExceeded):
        return HttpResponse(result.message.encode(), status=504)
    if not result.ok:
        return HttpResponseNotFound(result.message.encode())
    return HttpResponse(result.body, content_type=result.headers.get("content-type", "image/jpeg"))


async def page(request: HttpRequest, names: str) -> HttpResponse:
    until = Deadline.after(0.3)
    async with thumbs.aio.submit(names.split(","), deadline=until) as batch:
        # The database would be asked here, while the pictures come.
        results = await batch.results()
    sizes = {str(result.key): len(result.body) for result in results.succeeded}
    answer = JsonResponse({"sizes": sizes, "late": [str(result.key) for result in results.late]})
    answer["Server-Timing"] = results.server_timing("thumbs")
    return answer


urlpatterns = [path("picture/<name>", picture), path("page/<names>", page)]

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1", "localhost"])
wsgi = get_wsgi_application()
asgi = get_asgi_application()
