"""kis-sim: fields of every type, frames and answers cut at a byte, upgrades that go wrong."""

import http.client
import json
import unittest

from kis_client import Closed, Shared, Socket


class Hostile(Shared):
    """Faults that the siege of kis-fetch is made of."""

    OPTIONS = ("--ticks-per-second", "200", "--token-floor", "0", "--bundle", "1")

    def test_every_type_of_a_field_in_turn(self):
        self.sim.fault("typed-field", path="/oauth2/Approval", n=12)
        bodies = [self.sim.call("POST", "/oauth2/Approval", {"grant_type": "x"})[2] for _ in range(12)]
        self.assertEqual(bodies[:2], [b"null", b"true"])
        self.assertEqual(bodies[9], b"")
        self.assertIsNone(json.loads(bodies[10])["error_description"])
        self.assertEqual(self.sim.stats()["variations"]["Approval"], [12, 30])

    def test_control_message_of_another_type(self):
        with Socket(self.sim) as socket:
            self.sim.fault("typed-control", n=11)
            for code in range(11):
                socket.ask("H0STCNT0", "%06d" % code, kind="2")
            seen = [socket.text() for _ in range(11)]
            self.assertEqual(seen[0], "null")
            self.assertEqual(json.loads(seen[10])["header"], None)

    def test_frame_cut_at_growing_offsets(self):
        for expected in (5, 6):
            with Socket(self.sim) as socket:
                self.sim.fault("cut-inside", at=expected)
                socket.subscribe("H0STCNT0", "005930")
                with self.assertRaises(Closed):
                    while True:
                        socket.data()
                self.assertEqual(len(socket.buffer), expected - 4)  # a head of four bytes was taken

    def test_answer_cut_within_its_head(self):
        self.sim.fault("cut-answer", at=9, path="/oauth2")
        with self.assertRaises(http.client.HTTPException):
            self.sim.call("POST", "/oauth2/Approval", {"grant_type": "x"}, fresh=True)

    def test_bad_upgrade(self):
        self.sim.fault("bad-upgrade", kind="500")
        with Socket(self.sim) as socket:
            self.assertIn(" 500 ", socket.head)

    def test_repeated_registration_is_counted(self):
        before = self.sim.stats()["ws"]["repeated_subscribes"]
        with Socket(self.sim) as socket:
            self.assertEqual(socket.subscribe("H0STASP0", "005930"), "OPSP0000")
            self.assertEqual(socket.subscribe("H0STASP0", "005930"), "OPSP0002")
        self.assertEqual(self.sim.stats()["ws"]["repeated_subscribes"], before + 1)


if __name__ == "__main__":
    unittest.main()
