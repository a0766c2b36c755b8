"""What an organiser types to set up a door."""

from werkzeug.datastructures import MultiDict

from app.checkin.fence import LEAST_METRES, MOST_METRES, USUAL_METRES, Circle, Spot, spot_of
from app.webkit.forms import Form, clean


def parse_gate(values: "MultiDict[str, str]", field: str = "name") -> str:
    form = Form(values)
    name = form.text(field, "门的名字", longest=20)
    form.done()
    return name


def parse_fence(values: "MultiDict[str, str]") -> Circle:
    """The place as two numbers with a comma between, as maps copy it, and the metres. A longitude first (over 90) is turned round."""
    form = Form(values)
    metres = form.whole("metres", "多少米以内", least=LEAST_METRES, most=MOST_METRES)
    said = [part for part in clean(values.get("place", "")).replace(",", " ").replace("，", " ").replace("、", " ").split() if part]
    spot = spot_of(*said) if len(said) == 2 else None
    if spot is None and len(said) == 2:
        spot = spot_of(said[1], said[0])
    if spot is None:
        form.fault("place", "请填写活动地点的坐标，例如 23.02881, 113.14392" if said else "请填写活动地点的坐标")
    form.done()
    found = spot or Spot(0, 0)  # without one, a fault was raised
    return Circle(round(found.latitude * 1_000_000), round(found.longitude * 1_000_000), metres or USUAL_METRES)
