"""岗位: titled duties in a unit or at a place, each held by a person for a term; and the households a member keeps in touch with."""

from enum import StrEnum


class PostKind(StrEnum):
    DUTY = "duty"  # 无职党员设岗定责
    BUILDING_HEAD = "building_head"  # 楼长
    LANE_HEAD = "lane_head"  # 巷长
    STREET_HEAD = "street_head"  # 街长


POST_KIND_NAMES = {
    PostKind.DUTY: "党员岗位",
    PostKind.BUILDING_HEAD: "楼长",
    PostKind.LANE_HEAD: "巷长",
    PostKind.STREET_HEAD: "街长",
}
