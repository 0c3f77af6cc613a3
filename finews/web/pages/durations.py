"""Spans of time in a reader's words."""

from datetime import timedelta

from finews.web.pages.showing import View


def duration(view: View, span: timedelta) -> str:
    """A span in its two largest units."""
    if span < timedelta():
        return view.say("before_publishing")
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds}
    names = list(parts)
    first = next((place for place, name in enumerate(names) if parts[name]), len(names) - 1)
    told = [
        view.say(f"span_{name}", number=f"{parts[name]:,}")
        for name in names[first : first + 2]
        if parts[name] or name == names[first]
    ]
    return " ".join(told)
