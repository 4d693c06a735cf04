/* For the program of the soak: makes glibc's malloc give back what it keeps free, and tells how much is in use. */
#include <malloc.h>
#include <node_api.h>

static napi_value trim(napi_env env, napi_callback_info info) {
  (void)info;
  malloc_trim(0);
  napi_value in_use_bytes = NULL;
  napi_create_double(env, (double)mallinfo2().uordblks, &in_use_bytes);
  return in_use_bytes;
}

NAPI_MODULE_INIT() {
  napi_value function = NULL;
  napi_create_function(env, "trim", NAPI_AUTO_LENGTH, trim, NULL, &function);
  napi_set_named_property(env, exports, "trim", function);
  return exports;
}
