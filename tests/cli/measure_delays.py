"""measure_delays.py - how late the words of a session come. SPDX-License-Identifier: Apache-2.0

usage: measure_delays.py EVENTS...

EVENTS is what `heed live --json` printed. A word counts from its end: to the
first event that shows it, tentative or committed, as it is committed later,
and to the event that commits it. Median and 90th percentile over all files.
"""
import json
import sys


def delays(events):
    """Seconds to the first showing and to the commit, word by word."""
    shown = []
    for event in events:
        if event["event"] != "partial":
            continue
        words = event["committed"] + event["tentative"]
        shown += [(event["at_s"], w["text"], w["start_s"]) for w in words]
        for word in event["committed"]:
            first = min(at for at, text, start in shown
                        if text == word["text"]
                        and abs(start - word["start_s"]) < 0.5)
            yield first - word["end_s"], event["at_s"] - word["end_s"]
            # Older words cannot be shown again.
            shown = [s for s in shown if s[2] > word["start_s"] - 1.0]


def percentile(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def main():
    both = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as lines:
            both += delays([json.loads(line) for line in lines])
    print(f"{len(both)} words")
    for name, values in zip(("shown", "committed"), zip(*both)):
        print(f"{name:9} after {percentile(values, 0.5):.2f} s median, "
              f"{percentile(values, 0.9):.2f} s at 90 %")


if __name__ == "__main__":
    main()
