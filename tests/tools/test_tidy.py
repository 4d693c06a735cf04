"""Each rule of tools/tidy.py against a small project that keeps it and one that breaks it."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

import tidy  # noqa: E402

OPENING = "// What this file is for, in one sentence.\n"
DOCUMENTED = "/* Does it.\n * Ownership: the caller's. Errors: none. Threads: any. Since: 0.1 */\n"


class TidyTest(unittest.TestCase):
    def project(self, files: dict[str, str]) -> Path:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return root

    def findings(self, files: dict[str, str]) -> list[str]:
        """`path:line: rule` of every finding in a project of these files."""
        found = tidy.problems(self.project(files))
        return [f"{problem.path}:{problem.line}: {problem.rule}" for problem in found]

    def assert_clean(self, path: str, text: str) -> None:
        self.assertEqual(self.findings({path: text}), [])

    def assert_found(self, path: str, text: str, rule: str, line: int) -> None:
        self.assertEqual(self.findings({path: text}), [f"{path}:{line}: {rule}"])


class Layers(TidyTest):
    def assert_include(self, path: str, include: str, *, allowed: bool) -> None:
        with self.subTest(path=path, include=include):
            expected = [] if allowed else [f"{path}:2: layers"]
            self.assertEqual(self.findings({path: f"{OPENING}#include {include}\n"}), expected)

    def test_each_layer_may_include_itself_and_what_the_table_names(self) -> None:
        table = {
            "base": "",
            "auth": "base",
            "cache": "base",
            "resilience": "base",
            "metrics": "base",
            "transport": "base metrics",
            "batch": "base metrics",
            "schedule": "base batch auth cache resilience metrics",
            "client": "base batch auth cache resilience metrics transport schedule",
            "capi": "base batch client",
        }
        for layer, row in table.items():
            for target in table:
                allowed = target == layer or target in row.split()
                self.assert_include(f"core/{layer}/a.cpp", f'"{target}/a.hpp"', allowed=allowed)
        self.assert_include("core/base/a.cpp", "<vector>", allowed=True)

    def test_the_public_header_is_known_to_client_and_capi_alone(self) -> None:
        for layer in ("client", "capi"):
            self.assert_include(f"core/{layer}/a.cpp", '"octofetch.h"', allowed=True)
        for layer in ("base", "batch", "schedule", "transport"):
            self.assert_include(f"core/{layer}/a.cpp", '"octofetch.h"', allowed=False)
            self.assert_include(f"core/{layer}/a.cpp", "<octofetch.h>", allowed=False)

    def test_nothing_includes_capi(self) -> None:
        self.assert_include("core/client/client.cpp", '"capi/handles.hpp"', allowed=False)
        self.assert_include("cli/main.cpp", '"capi/handles.hpp"', allowed=False)

    def test_schedule_sees_only_the_seam_of_transport(self) -> None:
        self.assert_include("core/schedule/flight.cpp", '"transport/seam.hpp"', allowed=True)
        self.assert_include("core/schedule/flight.cpp", '"transport/curl_transport.hpp"', allowed=False)

    def test_network_libraries_stay_in_transport(self) -> None:
        for header in ("<curl/curl.h>", "<uv.h>", "<openssl/ssl.h>", "<openssl/x509.h>"):
            self.assert_include("core/transport/curl.cpp", header, allowed=True)
            self.assert_include("core/schedule/slots.cpp", header, allowed=False)
            self.assert_include("core/client/client.cpp", header, allowed=False)

    def test_the_loop_thread_and_the_mailbox_know_libuv_and_auth_knows_libcrypto(self) -> None:
        self.assert_include("core/client/loop_thread.cpp", "<uv.h>", allowed=True)
        self.assert_include("core/client/mailbox.hpp", "<uv.h>", allowed=True)
        self.assert_include("core/client/loop_thread.cpp", "<curl/curl.h>", allowed=False)
        self.assert_include("core/auth/sigv4.cpp", "<openssl/hmac.h>", allowed=True)
        self.assert_include("core/auth/sigv4.cpp", "<openssl/ssl.h>", allowed=False)

    def test_base_knows_no_third_party_library(self) -> None:
        self.assert_include("core/base/url.cpp", "<sys/random.h>", allowed=True)
        self.assert_include("core/base/url.cpp", "<fmt/format.h>", allowed=False)
        self.assert_include("core/batch/explain.cpp", "<fmt/format.h>", allowed=True)

    def test_an_include_in_core_names_its_layer(self) -> None:
        self.assert_include("core/batch/batch.cpp", '"outcome.hpp"', allowed=False)
        self.assert_include("core/batch/batch.cpp", '"../base/clock.hpp"', allowed=False)

    def test_a_folder_of_core_without_a_row_is_a_finding(self) -> None:
        self.assert_include("core/extras/extra.cpp", "<vector>", allowed=False)

    def test_outside_the_core_only_the_public_header_and_own_files_are_seen(self) -> None:
        self.assert_include("cli/main.cpp", '"octofetch.h"', allowed=True)
        self.assert_include("examples/c/get.c", "<octofetch.h>", allowed=True)
        self.assert_include("bindings/python/module.c", '"batch/batch.hpp"', allowed=False)
        self.assert_include("examples/c/get.c", '"../../core/base/url.hpp"', allowed=False)
        self.assert_include("include/octofetch.h", "<curl/curl.h>", allowed=False)
        own = {"cli/arguments.hpp": OPENING, "cli/main.cpp": f'{OPENING}#include "cli/arguments.hpp"\n'}
        self.assertEqual(self.findings(own), [])

    def test_an_include_in_a_comment_is_none(self) -> None:
        self.assert_found("core/base/url.cpp", f'{OPENING}/*\n#include "cache/cache.hpp"\n*/\n', "dead-code", 3)


class Sizes(TidyTest):
    def function(self, head: str, lines: int) -> str:
        """A function of so many lines in all, its file opened by a comment on line 1."""
        return OPENING + head + "\n" + "  step();\n" * (lines - 2) + "}\n"

    def test_a_file_has_at_most_500_lines(self) -> None:
        self.assert_clean("core/base/url.cpp", OPENING + "\n" * 499)
        self.assert_found("core/base/url.cpp", OPENING + "\n" * 500, "file-size", 501)

    def test_the_public_header_has_fewer_than_800_lines(self) -> None:
        self.assert_clean("include/octofetch.h", OPENING + "\n" * 798)
        self.assert_found("include/octofetch.h", OPENING + "\n" * 799, "file-size", 800)

    def test_a_function_has_at_most_70_lines(self) -> None:
        self.assert_clean("core/base/url.cpp", self.function("int f() {", 70))
        self.assert_found("core/base/url.cpp", self.function("int f() {", 71), "function-size", 2)

    def test_functions_are_found_however_they_begin(self) -> None:
        for head in (
            "static const char *name(int a[], int b) {",
            "struct point origin(void) {",
            "Foo::Foo(int a) : a_{a}, b_(b) {",
            "Foo::Foo()\n    : a_{1},\n      b_{2} {",
            "bool operator==(const Key &a, const Key &b) {",
            "void Visitor::operator()(int a) const noexcept {",
            "const auto f = [](int a) {",
            "template <typename T, typename = int>\nauto f(T t = {}) -> std::vector<T> {",
            "[[nodiscard]] int f(int a = 3) {",
            "TEST(Batch, freezes_once) {",
        ):
            with self.subTest(head=head):
                self.assert_found("core/base/url.cpp", self.function(head, 80), "function-size", 2)

    def test_functions_are_found_in_every_scope(self) -> None:
        for opening in (
            "namespace octo::cache {",
            'extern "C" {',
            "class Foo final : public Bar {\n public:",
            "template <typename T, typename = std::enable_if_t<(sizeof(T) > 4)>>\nstruct Foo {",
        ):
            with self.subTest(opening=opening):
                text = f"{OPENING}{opening}\nint a = 1;\nint f() {{\n" + "  step();\n" * 70 + "}\n};\n"
                line = 3 + len(opening.splitlines())
                self.assert_found("core/base/url.cpp", text, "function-size", line)

    def test_what_is_no_function_may_be_long(self) -> None:
        rows = "    {1, 2},\n" * 80
        for head in ("const Row kRows[] = {", "enum class Phase : int {", "struct alignas(64) Slot {"):
            with self.subTest(head=head):
                self.assert_clean("core/base/url.cpp", f"{OPENING}{head}\n{rows}}};\nint after() {{ return 1; }}\n")

    def test_braces_in_strings_and_comments_do_not_count(self) -> None:
        for line in (
            """const char *f() { return "{"; }  // {""",
            """char f() { return '{'; } /* { */""",
            """int f() { return 1'000; }  // it's one""",
            """auto text = R"x("{)x";""",
        ):
            with self.subTest(line=line):
                self.assert_clean("core/base/url.cpp", f"{OPENING}{line}\n")

    def test_braces_that_do_not_balance_are_a_finding(self) -> None:
        self.assert_found("core/base/url.cpp", OPENING + "int f() {\n", "function-size", 1)

    def test_a_python_function_has_at_most_70_lines(self) -> None:
        opening = '"""What this file is for."""\n'
        self.assert_clean("tools/a.py", opening + "def f():\n" + "    step()\n" * 69)
        self.assert_found("tools/a.py", opening + "def f():\n" + "    step()\n" * 70, "function-size", 2)


class Comments(TidyTest):
    def test_a_file_opens_with_a_sentence(self) -> None:
        for path, text in {
            "core/base/a.cpp": "// Tells instants from spans.\n\n#include <vector>\n",
            "core/base/b.hpp": "#pragma once\n\n/* Tells instants\n * from spans.\n *\n * More. */\n",
            "core/base/c.hpp": "#ifndef A\n#define A\n// Tells instants from spans.\n#endif\n",
            "core/base/d.cpp": "// SPDX-License-Identifier: Apache-2.0\n\n// Tells instants from spans.\n",
            "tools/a.py": '#!/usr/bin/env python3\n"""Tells instants from spans."""\n',
            "tools/a.sh": "#!/usr/bin/env bash\n# Tells instants from spans.\nset -e\n",
            "dev": "#!/usr/bin/env bash\n# Tells instants from spans.\n",
            "CMakeLists.txt": "# Tells instants from spans.\nproject(a)\n",
            "tests/__init__.py": "",
            "data.json": "{}\n",
        }.items():
            self.assertEqual(self.findings({path: text}), [], path)

    def test_a_file_that_opens_otherwise_is_a_finding(self) -> None:
        self.assert_found("core/base/a.cpp", "int a;\n// Tells instants from spans.\n", "first-comment", 1)
        self.assert_found("core/base/a.cpp", "#include <vector>\n// Instants and their spans.\n", "first-comment", 1)
        self.assert_found("core/base/a.cpp", "\n// clock functions and spans\nint a;\n", "first-comment", 2)
        self.assert_found("core/base/a.cpp", "// Clock functions.\nint a;\n", "first-comment", 1)

    def test_every_language_must_open_with_a_comment(self) -> None:
        for path, text in {
            "tools/a.py": "import os\n",
            "tools/a.sh": "#!/usr/bin/env bash\nset -e\n",
            "CMakeLists.txt": "project(a)\n# Tells instants from spans.\n",
        }.items():
            self.assertIn(f"{path}:1: first-comment", self.findings({path: text}))

    def test_nothing_is_left_undone(self) -> None:
        for mark in ("TODO", "FIXME", "XXX", "HACK"):
            self.assert_found("core/base/a.cpp", f"{OPENING}int a;  // {mark}: later\n", "undone", 2)
        self.assert_found("tools/a.sh", "# What this file is for.\ntrue # TODO\n", "undone", 2)
        self.assert_clean("tools/a.sh", "# What this file is for.\nmktemp /tmp/XXXXXX\n")
        self.assert_clean("core/base/a.cpp", f'{OPENING}const char *a = "TODO";\n')

    def test_code_is_not_commented_out(self) -> None:
        for line in (
            "int count = 3;",
            "flight->settle(outcome);",
            "if (count > 3) {",
            "} else {",
            "return nullptr;",
            "#include <vector>",
        ):
            with self.subTest(line=line):
                self.assert_found("core/base/a.cpp", f"{OPENING}int a;\n// {line}\n", "dead-code", 3)
        self.assert_found("tools/a.py", '"""What this file is for."""\n# call(1)\n', "dead-code", 2)
        self.assert_found("tools/a.py", '"""What this file is for."""\n# count = 3\n', "dead-code", 2)

    def test_prose_and_examples_are_no_code(self) -> None:
        for line in (
            "the queue is bounded (queue.max);",
            "return early when the batch is frozen;",
            "it calls octo_submit();",
            "if (and only if) it is due, it runs",
            "a = b",
            "    octo_submit(client);",
        ):
            with self.subTest(line=line):
                self.assert_clean("core/base/a.cpp", f"{OPENING}int a;\n// {line}\n")
        self.assert_clean("include/octofetch.h", f"{OPENING}/*\n * octo_shutdown(0);\n */\n")
        self.assert_clean("tools/a.py", '"""What this file is for."""\n# note: the order\n')


class PublicHeader(TidyTest):
    PATH = "include/octofetch.h"

    def header(self, text: str) -> str:
        return "/* What this header is for. */\n" + text

    def assert_message(self, text: str, *parts: str) -> None:
        root = self.project({self.PATH: self.header(text)})
        messages = [str(problem) for problem in tidy.problems(root)]
        self.assertEqual(len(messages), 1, messages)
        for part in parts:
            self.assertIn(part, messages[0])

    def test_a_documented_function_is_fine(self) -> None:
        self.assert_clean(
            self.PATH,
            self.header(
                "#define OCTO_API\n"
                f"{DOCUMENTED}OCTO_API octo_status octo_queue_create(octo_queue **queue_out,\n"
                "                                        int flags) OCTO_NOEXCEPT;\n"
                "/* The name. Errors: none. Threads: one per set. Since: 1.12 */\n"
                "OCTO_API const char *octo_status_name(octo_status status);\n"
            ),
        )

    def test_a_function_without_a_comment_is_a_finding(self) -> None:
        self.assert_message("int a;\nOCTO_API int octo_a(void);\n", ":3: header-comment: octo_a has no comment")

    def test_each_label_is_asked_for(self) -> None:
        for label in ("Ownership: the caller's.", "Errors: none.", "Threads: any.", "Since: 0.1"):
            with self.subTest(label=label):
                comment = DOCUMENTED.replace(label, "")
                self.assert_message(f"{comment}OCTO_API void octo_queue_free(int a);\n", label.split()[0])

    def test_threads_and_since_have_a_form(self) -> None:
        self.assert_message(DOCUMENTED.replace("any", "some") + "OCTO_API int octo_a(void);\n", "Threads:")
        self.assert_message(DOCUMENTED.replace("0.1", "soon") + "OCTO_API int octo_a(void);\n", "Since:")

    def test_ownership_is_asked_of_what_hands_out_a_pointer(self) -> None:
        comment = DOCUMENTED.replace("Ownership: the caller's. ", "")
        self.assert_message(f"{comment}OCTO_API octo_body *octo_body_get(int a);\n", "Ownership:")
        self.assert_clean(self.PATH, self.header(f"{comment}OCTO_API int octo_a(void);\n"))

    def test_a_struct_of_fixed_types_is_fine(self) -> None:
        self.assert_clean(
            self.PATH,
            self.header(
                "#define OCTO_TEXT_SIZE 8\n"
                "typedef int32_t octo_status;\ntypedef void (*octo_wake_fn)(void *context);\n"
                "typedef struct octo_a {\n  uint32_t size; /* its size */\n  octo_status status;\n  size_t count;\n"
                "  const char *name;\n  const octo_header *headers;\n  octo_wake_fn wake;\n"
                "  void (*done)(void *);\n  char text[OCTO_TEXT_SIZE];\n} octo_a;\n"
            ),
        )

    def test_types_without_a_fixed_layout_are_findings(self) -> None:
        for member in (
            "bool done;",
            "enum octo_phase phase;",
            "int count;",
            "octo_error error;",
            "uint32_t done : 1;",
            "uint32_t a, b;",
            "union { int a; } b;",
        ):
            with self.subTest(member=member):
                text = f"typedef struct octo_a {{\n  uint32_t size;\n  {member}\n}} octo_a;\n"
                self.assert_message(text, ":4: header-struct: octo_a")

    def test_padding_is_a_finding(self) -> None:
        inside = "struct octo_a {\n  uint32_t a;\n  uint64_t b;\n};\n"
        behind = "struct octo_a {\n  uint64_t a;\n  uint32_t b;\n};\n"
        self.assert_message(inside, ":4: header-struct: octo_a: 4 bytes of padding")
        self.assert_message(behind, ":5: header-struct: octo_a: 4 bytes of padding")


class Names(TidyTest):
    def test_a_name_that_says_nothing_is_a_finding(self) -> None:
        for path in ("core/base/utils.txt", "docs/test_helpers.md", "bench/common/a.txt", "a/connection-manager.md"):
            with self.subTest(path=path):
                self.assertEqual(self.findings({path: ""}), [f"{path}:1: file-name"])

    def test_other_names_are_fine(self) -> None:
        self.assertEqual(self.findings({"core/miscellany.txt": "", "docs/management.md": ""}), [])


class Command(TidyTest):
    def run_tidy(self, root: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(TOOLS / "tidy.py"), str(root)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_it_exits_with_0_and_prints_nothing_for_a_clean_project(self) -> None:
        result = self.run_tidy(self.project({"a.cpp": OPENING}))
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_it_exits_with_1_and_a_line_that_says_what_to_do(self) -> None:
        result = self.run_tidy(self.project({"utils.txt": ""}))
        message = "the name utils.txt says nothing with utils; name the concept it holds"
        self.assertEqual((result.returncode, result.stdout), (1, f"utils.txt:1: file-name: {message}\n"))

    def test_what_git_ignores_is_not_looked_at(self) -> None:
        root = self.project({".gitignore": "/out/\n", "out/utils.txt": ""})
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        self.assertEqual(self.run_tidy(root).returncode, 0)


if __name__ == "__main__":
    unittest.main()
