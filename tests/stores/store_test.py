"""octofetch against a store that checks signatures: store_test.py STORE STORE_PROGRAM OCTOFETCH CLOCK_SHIFT.

run.py starts it, under the Python that has botocore. What a store cannot do stands in stores.py, with the reason.
"""

import random
import sys
import unittest
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.stores.signed import Account
    from tests.stores.store_case import BUCKET, StoreCase
    from tests.stores.store_keys import KEYS, content_of
else:
    from signed import Account
    from store_case import BUCKET, StoreCase
    from store_keys import KEYS, content_of


HOURS_S = 3600
MEBIBYTE = 1 << 20


class Keys(StoreCase):
    def test_row_55_keys_of_any_bytes_are_the_objects_they_name(self) -> None:
        kept = [label for label in KEYS if label not in self.store.loses]
        for label in kept:
            with self.subTest(label):
                self.put(KEYS[label], content_of(label))
        for label, fetched in zip(kept, self.fetch([KEYS[label] for label in kept]), strict=True):
            with self.subTest(label):
                self.assertEqual((fetched.outcome, fetched.body), (("OK", None), content_of(label)), fetched.message)

    def test_keys_it_loses_are_refused_under_a_signature_that_is_right(self) -> None:
        """Else the store would keep them by now, and could be asked for them."""
        for label in self.store.loses:
            with self.subTest(label):
                self.assertNotEqual(self.store.client().put(BUCKET, KEYS[label], content_of(label)).status, 200)
                self.assertIn(self.fetch_one(KEYS[label]).http_status, (400, 404))

    def test_a_prefix_is_part_of_the_key(self) -> None:
        self.put(b"pre fix/c+d/key", b"below")
        self.assertEqual(self.fetch_one(b"key", url=f"s3://{BUCKET}/pre fix/c+d").body, b"below")

    def test_a_neighbour_whose_name_is_the_encoded_key_is_another_object(self) -> None:
        self.put(b"n eighbour", b"blank")
        self.put(b"n%20eighbour", b"percent")
        self.put(b"n+eighbour", b"plus")
        fetched = self.fetch([b"n eighbour", b"n%20eighbour", b"n+eighbour"])
        self.assertEqual([one.body for one in fetched], [b"blank", b"percent", b"plus"])


class Bodies(StoreCase):
    def test_an_object_without_bytes_is_ok(self) -> None:
        self.put(b"empty", b"")
        fetched = self.fetch_one(b"empty")
        self.assertEqual((fetched.outcome, fetched.size, fetched.body), (("OK", None), 0, b""))

    def test_a_large_object_is_whole(self) -> None:
        body = random.Random(5).randbytes(5 * MEBIBYTE)
        self.put(b"large", body)
        fetched = self.fetch_one(b"large")
        self.assertEqual((fetched.outcome, fetched.body == body), (("OK", None), True), fetched.said)

    def test_many_objects_come_over_kept_connections_each_signed_for_itself(self) -> None:
        keys = [b"many/%d" % number for number in range(200)]
        for key in keys:
            self.put(key, key * 20)
        fetched = self.fetch(keys, "--set", "connections.max=4")
        self.assertEqual([one.body for one in fetched], [key * 20 for key in keys])

    def test_ranges_are_the_bytes_asked_for(self) -> None:
        body = bytes(range(256)) * 8
        self.put(b"ranged", body)
        for text, expected in {
            "0-0": body[:1],
            "100-355": body[100:356],
            "2000-": body[2000:],
            "-5": body[-5:],
        }.items():
            with self.subTest(text):
                fetched = self.fetch_one(b"ranged", "--range", text)
                self.assertEqual((fetched.outcome, fetched.body), (("OK", None), expected), fetched.said)
                self.assertEqual(fetched.object_size, len(body))

    def test_a_range_behind_the_end_cannot_be_satisfied(self) -> None:
        self.put(b"short", b"12345")
        fetched = self.fetch_one(b"short", "--range", "5-9")
        self.assertEqual(fetched.outcome, ("RANGE_NOT_SATISFIABLE", "InvalidRange"), fetched.said)

    def test_an_unchanged_object_is_not_modified(self) -> None:
        tag = self.put(b"tagged", b"same")["etag"]
        self.assertEqual(self.fetch_one(b"tagged", "--if-none-match", tag).status, "NOT_MODIFIED")
        self.assertEqual(self.fetch_one(b"tagged", "--if-none-match", '"another"').body, b"same")
        self.assertEqual(self.fetch_one(b"tagged").headers["etag"], tag)

    def test_versions_are_told_apart(self) -> None:
        client = self.store.client()
        client.make_bucket("versioned", self.store.region)
        state = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        client.must("PUT", "/versioned?versioning=", state)
        ids = [client.put("versioned", b"a b+c", body).headers["x-amz-version-id"] for body in (b"first", b"second")]
        bodies = [self.fetch_one(b"a b+c", "--version-id", one, url="s3://versioned").body for one in ids]
        self.assertEqual(bodies, [b"first", b"second"])
        self.assertEqual(self.fetch_one(b"a b+c", url="s3://versioned").body, b"second")

    def test_a_version_id_of_odd_bytes_is_signed_as_it_is_sent(self) -> None:
        """There is none of that name; what counts is that it is not the signature that is refused."""
        self.put(b"unversioned", b"one")
        fetched = self.fetch_one(b"unversioned", "--version-id", "a+b/c=d e&f%20~*")
        self.assertNotEqual(fetched.status, "FORBIDDEN", fetched.said)
        self.assertIn(fetched.http_status, (400, 404, 500), fetched.said)

    def test_headers_of_amazons_are_signed_with_the_request(self) -> None:
        self.put(b"plain", b"one")
        lines = ["X-Amz-Request-Payer: requester", "x-amz-meta-odd:   a   b c  ", "x-amz-meta-none:"]
        lines += ["X-Amz-Meta-Odd: d,e", "X-Other: not signed"]
        fetched = self.fetch_one(b"plain", OCTOFETCH_HEADERS="\n".join(lines))
        self.assertEqual((fetched.outcome, fetched.body), (("OK", None), b"one"), fetched.said)


class Refusals(StoreCase):
    def setUp(self) -> None:
        super().setUp()
        self.put(b"key", b"body")

    def test_what_is_not_there_is_not_found(self) -> None:
        self.assertEqual(self.fetch_one(b"missing").outcome, ("NOT_FOUND", "NoSuchKey"))
        self.assertEqual(self.fetch_one(b"key", url="s3://nobucket").outcome, ("NOT_FOUND", "NoSuchBucket"))

    def test_a_wrong_secret_does_not_sign(self) -> None:
        wrong = replace(self.store.account, secret_access_key="wrong")
        fetched = self.fetch_one(b"key", account=wrong)
        self.assertEqual(fetched.outcome, ("FORBIDDEN", "SignatureDoesNotMatch"), fetched.said)
        self.assertIn("SignatureDoesNotMatch", fetched.message)

    def test_an_unknown_access_key_is_said_to_be(self) -> None:
        fetched = self.fetch_one(b"key", account=Account("AKIDUNKNOWN", "any"))
        self.assertEqual(fetched.outcome, ("FORBIDDEN", "InvalidAccessKeyId"), fetched.said)

    def test_who_does_not_sign_is_denied(self) -> None:
        fetched = self.fetch_one(b"key", "--set", "s3.unsigned=true")
        self.assertEqual(fetched.outcome, ("FORBIDDEN", self.store.code_of_unsigned), fetched.said)

    def test_a_public_bucket_needs_no_signature(self) -> None:
        self.put(b"public", b"body")
        self.store.make_public(BUCKET, b"public")
        fetched = self.fetch_one(b"public", "--set", "s3.unsigned=true")
        self.assertEqual((fetched.outcome, fetched.body), (("OK", None), b"body"), fetched.said)

    def test_row_30_a_clock_that_is_wrong_is_told(self) -> None:
        for shift in (-HOURS_S, HOURS_S):
            options = self.variables(None).get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
            fetched = self.fetch_one(
                b"key", LD_PRELOAD=self.clock_shift, CLOCK_SHIFT_S=str(shift), ASAN_OPTIONS=options
            )
            self.assertEqual(fetched.outcome, ("FORBIDDEN", "RequestTimeTooSkewed"), fetched.said)
            self.assertRegex(fetched.message, r"clock .*GMT.*: set it right")

    def test_row_21_another_region_is_named(self) -> None:
        fetched = self.fetch_one(b"key", AWS_REGION="ap-south-1")
        self.assertEqual(fetched.outcome, ("CLIENT_ERROR", "AuthorizationHeaderMalformed"), fetched.said)
        self.assertIn(self.store.region, fetched.message)

    def test_the_ids_of_a_refused_request_are_told(self) -> None:
        fetched = self.fetch_one(b"missing")
        self.assertTrue(fetched.request_id, fetched.entry)
        self.assertTrue(fetched.extended_request_id, fetched.entry)

    def test_a_token_of_nobody_is_signed_as_well(self) -> None:
        fetched = self.fetch_one(b"key", account=replace(self.store.account, session_token="any/+=token"))
        self.assertEqual((fetched.outcome, fetched.body), (("OK", None), b"body"), fetched.said)


class Sessions(StoreCase):
    def setUp(self) -> None:
        super().setUp()
        self.put(b"key", b"body")
        self.temporary = self.store.make_session()

    def test_a_session_token_goes_with_its_request(self) -> None:
        fetched = self.fetch_one(b"key", account=self.temporary)
        self.assertEqual((fetched.outcome, fetched.body), (("OK", None), b"body"), fetched.said)

    def test_a_wrong_token_is_refused(self) -> None:
        """With a 400, as by Amazon."""
        fetched = self.fetch_one(b"key", account=replace(self.temporary, session_token="wrong"))
        self.assertEqual(fetched.outcome, ("CLIENT_ERROR", "InvalidToken"), fetched.said)

    def test_a_missing_token_is_noticed_before_anything_is_sent(self) -> None:
        ended = self.run_octofetch([b"key"], account=replace(self.temporary, session_token=""))
        self.assertEqual((ended.returncode, ended.stdout), (3, b""), ended)
        self.assertIn(b"session token is missing", ended.stderr)

    def test_a_wrong_secret_beside_a_right_token_is_refused(self) -> None:
        fetched = self.fetch_one(b"key", account=replace(self.temporary, secret_access_key="wrong"))
        self.assertEqual(fetched.outcome, ("FORBIDDEN", "SignatureDoesNotMatch"), fetched.said)


class Hosts(StoreCase):
    def setUp(self) -> None:
        super().setUp()
        self.put(b"a b+c", b"body")

    def check(self, scheme: str, addressing: str) -> None:
        fetched = self.fetch_one(b"a b+c", "--set", f"s3.addressing={addressing}", **self.named_host(scheme))
        self.assertEqual((fetched.outcome, fetched.body), (("OK", None), b"body"), fetched.said)

    def test_a_bucket_may_stand_in_the_path(self) -> None:
        self.check("http", "path")

    def test_a_bucket_may_stand_in_the_host(self) -> None:
        self.check("http", "virtual")

    def test_a_bucket_may_stand_in_the_path_over_tls(self) -> None:
        self.check("https", "path")

    def test_a_bucket_may_stand_in_the_host_over_tls(self) -> None:
        self.check("https", "virtual")

    def test_a_certificate_that_nobody_trusts_ends_before_anything_is_sent(self) -> None:
        variables = {**self.named_host("https"), "OCTOFETCH_TLS_CA_FILE": ""}
        self.assertEqual(self.fetch_one(b"a b+c", **variables).status, "TLS_FAILED")


if __name__ == "__main__":
    StoreCase.store_name, StoreCase.store_program, StoreCase.octofetch, StoreCase.clock_shift = sys.argv[1:5]
    unittest.main(argv=sys.argv[:1] + sys.argv[5:])
