"""What tools/packages.sh does on machines that have, or lack, packages, rights and apt-get.

The machine is a folder of stand-ins on PATH: each writes its arguments to a log.
"""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "packages.sh"
NEEDED = ("bash", "awk", "comm", "dirname", "env", "paste", "sort")
USER, ROOT = 1000, 0


class PackagesTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name) / "log"
        self.commands = Path(folder.name) / "commands"
        self.commands.mkdir()
        for name in NEEDED:
            (self.commands / name).symlink_to(shutil.which(name) or name)

    def command(self, name: str, body: str) -> None:
        path = self.commands / name
        path.write_text(f"#!/usr/bin/env bash\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def debian(self, installed: str, user: int, apt_status: int = 0) -> None:
        """A machine with apt-get on which only the packages of `installed` are there."""
        self.command("dpkg-query", f"printf '%s installed\\n' {installed}; exit 1")
        self.command("apt-get", f'echo "$DEBIAN_FRONTEND $*" >>"{self.log}"; exit {apt_status}')
        self.command("id", f"echo {user}")

    def run_program(self, *groups: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(PROGRAM), *groups],
            env={"PATH": str(self.commands)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []

    def test_nothing_happens_where_everything_is_installed(self) -> None:
        self.debian("abigail-tools", ROOT)
        result = self.run_program("abi")
        self.assertEqual((result.returncode, result.stdout, result.stderr, self.calls()), (0, "", "", []))

    def test_root_installs_only_what_is_missing_and_says_so(self) -> None:
        self.debian("nginx-light openssl wrk", ROOT)
        result = self.run_program("bench", "abi")
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertEqual(result.stderr, "dev: installing abigail-tools libbenchmark-dev\n")
        update, install = self.calls()
        self.assertRegex(update, r"^noninteractive .* update$")
        self.assertRegex(install, r"^noninteractive .* install -y .* abigail-tools libbenchmark-dev$")

    def test_a_user_installs_through_sudo_that_asks_for_no_password(self) -> None:
        self.debian("wrk", USER)
        self.command("sudo", f'[ "$1" = -n ] && exit 0; echo sudo >>"{self.log}"; exec "$@"')
        self.assertEqual(self.run_program("abi").returncode, 0)
        self.assertEqual([call.split()[0] for call in self.calls()], ["sudo", "noninteractive"] * 2)

    def test_a_user_without_rights_is_told_what_to_install(self) -> None:
        self.debian("wrk", USER)
        self.command("sudo", "exit 1")
        result = self.run_program("abi")
        self.assertEqual((result.returncode, self.calls()), (69, []))
        self.assertIn("apt-get install abigail-tools\n", result.stderr)

    def test_a_failure_of_apt_get_is_reported(self) -> None:
        self.debian("wrk", ROOT, apt_status=100)
        result = self.run_program("abi")
        self.assertEqual(result.returncode, 69)
        self.assertIn("install by hand: abigail-tools\n", result.stderr)

    def test_without_apt_get_the_names_of_other_systems_are_given(self) -> None:
        self.command("wrk", "exit 0")
        self.command("openssl", "exit 0")
        self.command("pkg-config", '[ "$2" = benchmark ]')
        result = self.run_program("bench")
        self.assertEqual(result.returncode, 69)
        self.assertIn("not found: nginx;", result.stderr)
        self.assertIn("dnf install nginx wrk openssl google-benchmark-devel\n", result.stderr)
        self.assertIn("brew install nginx wrk openssl@3 google-benchmark\n", result.stderr)

    def test_without_apt_get_what_is_found_suffices(self) -> None:
        for name in ("wrk", "nginx", "openssl", "pkg-config"):
            self.command(name, "exit 0")
        self.assertEqual(self.run_program("bench").returncode, 0)


if __name__ == "__main__":
    unittest.main()
