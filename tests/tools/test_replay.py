"""The arithmetic of `./dev bench octo`: what is asked for, how it is handed over, and what the figures come to."""

import os
import sys
import threading
import time
import unittest
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench/octo"))
sys.path.insert(0, str(Path(__file__).parents[2] / "bench/python"))

from replay import figures
from replay.contender import Answer
from replay.generator import NS_PER_MS, NS_PER_S, Generator
from replay.origin_log import OriginLog
from replay.pages import Page, PageDice, Stretch
from replay.parameters import Parameters
from replay.run import Asked, Run
from replay.targets import targets

ASKED = Parameters.read(is_quick=True)
ON_TIME = {"late_5ms_share": 0.0, "control_late_5ms_share": 0.0}
SPIKE_FROM_S, SPIKE_TO_S = 2.0, 3.0


def log_of(*times_ms: float) -> OriginLog:
    return OriginLog("b", [f"{1000 + at} {ms} 200 /b/o{at}" for at, ms in enumerate(times_ms)])


class Pages(unittest.TestCase):
    def test_keys_of_a_page_differ_and_their_number_is_within_the_limits(self) -> None:
        pages = list(PageDice(ASKED, "seed").pages([Stretch(2, 2000)]))
        for page in pages:
            self.assertEqual(len(set(page.keys)), len(page.keys))
            self.assertTrue(ASKED.keys_min <= len(page.keys) <= ASKED.keys_max)
            self.assertTrue(all(0 <= key < ASKED.objects for key in page.keys))
        self.assertTrue(any(0 in page.keys for page in pages), "the first object is the one asked for most")

    def test_arrivals_follow_the_load_of_each_stretch(self) -> None:
        pages = list(PageDice(ASKED, "seed").pages([Stretch(10, 1000), Stretch(10, 4000)]))
        first = sum(len(page.keys) for page in pages if page.at_s < 10)
        second = sum(len(page.keys) for page in pages if page.at_s >= 10)
        self.assertAlmostEqual(first, 10_000, delta=2500)
        self.assertAlmostEqual(second, 40_000, delta=5000)
        self.assertEqual([page.at_s for page in pages], sorted(page.at_s for page in pages))

    def test_the_same_seed_gives_the_same_pages(self) -> None:
        one, other, third = (list(PageDice(ASKED, seed).pages([Stretch(1, 1000)])) for seed in ("a", "a", "b"))
        self.assertEqual(one, other)
        self.assertNotEqual(one, third)


class Handing(unittest.TestCase):
    def test_a_reader_that_stands_still_delays_no_page_and_gets_every_line(self) -> None:
        reading, writing = os.pipe()
        generator = Generator(writing, 1000)
        pages = [Page(0.001 * number, range(100)) for number in range(300)]
        taken: list[bytes] = []

        def read_late() -> None:
            time.sleep(0.5)
            while part := os.read(reading, 1 << 16):
                taken.append(part)

        reader = threading.Thread(target=read_late)
        reader.start()
        generator.run(pages, [], time.monotonic_ns())
        os.close(writing)
        reader.join()
        os.close(reading)
        lines = b"".join(taken).splitlines()
        self.assertEqual(len(lines), 300)
        self.assertIn(b'"page": 299, ', lines[-1])
        self.assertLess(sorted(generator.lags_ns)[150], 200 * NS_PER_MS)


class Possible(unittest.TestCase):
    def test_all_that_is_offered_where_slots_are_plenty(self) -> None:
        self.assertEqual(log_of(*[100] * 10).possible_keys(50, 100, 1, 1000), 50)

    def test_replies_after_the_cut_off_are_not_possible(self) -> None:
        self.assertEqual(log_of(*[100] * 5, *[9000] * 5).possible_keys(50, 100, 1, 1000), 25)

    def test_slots_bound_it_until_the_last_deadline(self) -> None:
        found = log_of(*[100] * 10).possible_keys(10_000, 10, 0.8, 200)
        self.assertAlmostEqual(found or 0, 10 * 1.0 / 0.1)

    def test_slow_replies_are_given_up_at_the_best_age(self) -> None:
        # Up to 100 ms half of them come, for 100 ms each: five a second, where waiting until 1000 ms gives less.
        found = log_of(*[100] * 5, *[9000] * 5).possible_keys(10_000, 10, 1, 1000)
        self.assertAlmostEqual(found or 0, 10 * 2 * 5)

    def test_without_a_reply_nothing_is_known(self) -> None:
        self.assertIsNone(OriginLog("b", []).possible_keys(10, 1, 1, 1000))


class Withheld(unittest.TestCase):
    """Key 0 was asked for at 1000 ns."""

    def test_a_reply_that_came_too_late_was(self) -> None:
        self.assertTrue(log_of(2000).was_withheld(0, 0, 1000 * NS_PER_MS))

    def test_one_that_came_in_time_was_not(self) -> None:
        self.assertFalse(log_of(500).was_withheld(0, 0, 1000 * NS_PER_MS))

    def test_one_that_was_asked_for_too_late_was_not(self) -> None:
        log = OriginLog("b", [f"{900 * NS_PER_MS} 200 200 /b/o0"])
        self.assertFalse(log.was_withheld(0, 0, 1000 * NS_PER_MS))

    def test_one_that_was_slow_for_one_page_of_two_was(self) -> None:
        log = OriginLog("b", ["1000 2000 200 /b/o0", "1001 30 200 /b/o0"])
        self.assertTrue(log.was_withheld(0, 0, 1000 * NS_PER_MS))

    def test_a_refusal_was(self) -> None:
        self.assertTrue(OriginLog("b", ["1000 1 503 /b/o0"]).was_withheld(0, 0, 1000 * NS_PER_MS))

    def test_what_nobody_asked_for_was_not(self) -> None:
        self.assertFalse(log_of(2000).was_withheld(7, 0, 1000 * NS_PER_MS))
        self.assertFalse(log_of(2000).was_withheld(0, 5000, 1000 * NS_PER_MS), "asked for before the page came")


class WarmUp(unittest.TestCase):
    def test_what_was_asked_for_before_does_not_count(self) -> None:
        log = OriginLog("b", ["1000 100 200 /b/o0", "2000 100 200 /b/o0"], from_ns=1500)
        self.assertEqual(len(log.served), 1)


def run_of(took_ms: dict[float, float], missing_at_s: frozenset[float] = frozenset()) -> Run:
    """Pages by the second at which they came, of one key that nobody asked the origin for where it is missing."""
    asked = []
    for at_s, ms in took_ms.items():
        intended_ns = round(at_s * NS_PER_S)
        handler_ns = round(intended_ns + ms * NS_PER_MS)
        deadline_ns = intended_ns + 1000 * NS_PER_MS
        missing = [0] if at_s in missing_at_s else []
        answer = Answer(handler_ns, deadline_ns, 1 - len(missing), missing)
        asked.append(Asked(Page(at_s, [7]), intended_ns, deadline_ns, answer))
    return Run({}, asked, OriginLog("b", []), {}, 0, 0.0, 0.0, 0.0, 0.0)


STEADY = {number / 50: 100.0 for number in range(500)}


class Recovery(unittest.TestCase):
    def found(self, run: Run) -> figures.Figures:
        return figures.recovery(run, SPIKE_FROM_S, SPIKE_TO_S, 1000)

    def test_at_once_where_nothing_changes(self) -> None:
        found = self.found(run_of(STEADY))
        self.assertTrue(found["first_page_complete"])
        self.assertEqual(found["recovered_after_s"], 0.0)
        self.assertEqual(found["complete_after_share"], 1.0)

    def test_a_page_that_lacks_a_key_is_not_complete(self) -> None:
        found = self.found(run_of(STEADY, frozenset({4.0})))
        self.assertFalse(found["first_page_complete"])
        self.assertAlmostEqual(found["recovered_after_s"], 0.02)

    def test_pages_that_lack_keys_are_waited_for(self) -> None:
        found = self.found(run_of(STEADY, frozenset({4.5, 5.0})))
        self.assertTrue(found["first_page_complete"])
        self.assertEqual(found["complete_after_share"], 0.98)
        self.assertAlmostEqual(found["recovered_after_s"], 0.52)

    def test_slow_pages_are_waited_for(self) -> None:
        found = self.found(run_of({at_s: 150.0 if 3 <= at_s < 6 else 100.0 for at_s in STEADY}))
        self.assertEqual(found["p99_after_ms"], 150.0)
        # One of a hundred may be.
        self.assertAlmostEqual(found["recovered_after_s"], 1.96, places=2)

    def test_never_where_it_stays_slow(self) -> None:
        found = self.found(run_of({at_s: 150.0 if at_s >= 3 else 100.0 for at_s in STEADY}))
        self.assertIsNone(found["recovered_after_s"])


class Added(unittest.TestCase):
    def test_counts_from_the_last_reply_of_the_origin(self) -> None:
        run = run_of({0.0: 100.0, 1.0: 200.0})
        log = OriginLog("b", [f"{NS_PER_MS} 90 200 /b/o7", f"{1001 * NS_PER_MS} 90 200 /b/o7"])
        self.assertEqual(figures.added_ms(replace(run, log=log)), {"p50": 9.0, "p95": 109.0})

    def test_nothing_is_known_without_replies(self) -> None:
        self.assertIsNone(figures.added_ms(run_of({0.0: 100.0})))


class Lateness(unittest.TestCase):
    def test_pages_that_end_early_are_not_late_and_shares_are_of_all(self) -> None:
        found = figures.lateness(run_of({0.0: 100.0, 1.0: 1004.0, 2.0: 1006.0, 3.0: 900.0}))
        self.assertEqual(found["late_5ms_share"], 0.25)
        self.assertEqual(found["worst_late_ms"], 6.0)
        self.assertIsNone(found["library_worst_late_ms"])


class Targets(unittest.TestCase):
    def load(self, **changed: object) -> figures.Figures:
        found = {"contender": "own", "cached": False, "offered_keys_per_s": 1.0, "delivered": 100, "possible": 100}
        return {**found, **ON_TIME, "added_ms": {"p50": 1.0, "p95": 2.0}, "void": None, **changed}

    def story(self, **recovery: object) -> figures.Figures:
        found = {"first_page_complete": True, "complete_after_share": 1.0, "p99_before_ms": 100, "p99_after_ms": 100}
        return {"contender": "own", **ON_TIME, "recovery": {**found, **recovery}, "void": None}

    def kept(self, *loads: figures.Figures) -> list[bool | None]:
        return [verdict["kept"] for verdict in targets(["own"], loads, [])]

    def recovered(self, **recovery: object) -> list[bool | None]:
        return [verdict["kept"] for verdict in targets(["own"], [self.load()], [self.story(**recovery)])][4:]

    def test_kept_by_every_run_or_missed(self) -> None:
        self.assertEqual(self.kept(self.load()), [True] * 4 + [None] * 3)
        self.assertFalse(self.kept(self.load(), self.load(late_5ms_share=0.0011))[0])
        self.assertEqual(self.kept(self.load(delivered=89))[1:3], [False, False])
        self.assertEqual(self.kept(self.load(possible=None))[1:3], [False, False])
        self.assertFalse(self.kept(self.load(added_ms={"p50": 1.0, "p95": 5.1}))[3])
        self.assertFalse(self.kept(self.load(added_ms=None))[3])

    def test_keys_of_an_overload_are_judged_by_the_median(self) -> None:
        loads = [self.load(offered_keys_per_s=2.0, delivered=delivered) for delivered in (89, 91, 95)]
        verdict = targets(["own"], [self.load(), *loads], [])[1]
        self.assertEqual((verdict["kept"], verdict["found"]), (True, "at least 91.0 %; 89.0 % in the worst run"))
        loads.append(self.load(offered_keys_per_s=2.0, delivered=60))
        self.assertTrue(targets(["own"], [self.load(), *loads], [])[1]["kept"])
        other = self.load(offered_keys_per_s=2.0, delivered=60, contender="other")
        self.assertFalse(targets(["own", "other"], [self.load(), *loads, other], [])[1]["kept"])

    def test_recovery_is_kept_or_missed(self) -> None:
        self.assertEqual(self.recovered(), [True] * 3)
        self.assertEqual(self.recovered(first_page_complete=False), [False, True, True])
        self.assertEqual(self.recovered(complete_after_share=0.98), [True, False, True])
        self.assertEqual(self.recovered(p99_after_ms=111), [True, True, False])

    def test_void_runs_and_others_are_no_evidence(self) -> None:
        self.assertEqual(self.kept(self.load(void="busy")), [None] * 7)
        self.assertEqual(self.kept(self.load(), self.load(contender="peer", delivered=1)), [True] * 4 + [None] * 3)
        self.assertEqual(targets([], [self.load()], []), [])


if __name__ == "__main__":
    unittest.main()
