"""check_events.py - `heed live --json` is what it should be. SPDX-License-Identifier: Apache-2.0

usage: check_events.py EVENTS TEXT [--gaps]

The words committed are those of TEXT, once each and in order; each segment has
one final event with its text; times never go backwards. With --gaps there must
be some, and together with what was heard they are all of the time.
"""
import json
import sys


def main():
    events = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    text = open(sys.argv[2], encoding="utf-8").read()
    kinds = {"partial", "final", "gap", "status", "end"}
    assert {e["event"] for e in events} <= kinds
    assert [e["event"] for e in events].index("end") == len(events) - 1
    last = 0.0
    for event in events:
        assert event["at_s"] >= last, event
        last = event["at_s"]
    committed, open_words = [], []
    for event in events:
        if event["event"] == "partial":
            committed += event["committed"]
            open_words += event["committed"]
            assert all(w["text"] for w in event["tentative"])
        elif event["event"] == "final":
            said = " ".join(w["text"] for w in open_words)
            assert event["text"] == said, (event, said)
            assert {w["segment"] for w in open_words} == {event["segment"]}
            open_words = []
    assert not open_words
    gaps = [e for e in events if e["event"] == "gap"]
    end = events[-1]
    assert end["gaps"] == len(gaps)
    lost = sum(g["lost_s"] or 0.0 for g in gaps)
    assert abs(end["lost_s"] - lost) < 0.01, (end, lost)
    last = 0.0
    for word in committed:
        assert last <= word["start_s"] <= word["end_s"], word
        last = word["start_s"]
    if "--gaps" in sys.argv:
        assert lost > 0.0
    else:
        assert not gaps
        assert " ".join(w["text"] for w in committed) == " ".join(text.split())


if __name__ == "__main__":
    main()
