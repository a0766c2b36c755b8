"""Whether words may stand on a public page: no name, no number to call, no address finer than the community. Pure.

A net, not a proof: two people read the words as well before they are public.
"""

import re
from collections.abc import Collection

from app.core.identity import holds_id_number
from app.people.naming import DOUBLE_SURNAMES

SURNAMES = (
    "陈黄李梁何张刘林吴罗冼关区麦邓周潘叶谭霍黎卢欧苏杨郭曾杜冯孔谢徐朱马胡余崔邝伍简招莫曹孙彭邹萧肖廖钟赖王赵高许吕丁魏蔡贾薛阎段侯"
    "龙史陶贺顾毛郝龚邵万钱严武戴孟姚岑庞植劳甘温唐程袁韩唐傅沈范方石熊金陆姜汪田任姚尹"
)
TITLES = (
    "先生|女士|小姐|太太|阿姨|阿伯|阿婆|阿叔|伯伯|婆婆|公公|奶奶|爷爷|叔叔|师傅|师奶|同学|小朋友|大爷|大妈|大叔|大姐|老人"
    "|伯|婆|姨|叔|婶|妈|爸"
)
CALLED = re.compile(rf"(?:{'|'.join(DOUBLE_SURNAMES)}|[{SURNAMES}])(?:某某?|\*+|＊+|[xX]+)?(?:{TITLES})")
SHORTENED = re.compile(rf"[{SURNAMES}](?:某某?|\*+|＊+|[xX]{{1,2}})|[小老阿][{SURNAMES}](?=[，。、；！？\s的想要家在和与]|$)")
NUMBER = re.compile(r"(?<!\d)\d{7,}(?!\d)")
BETWEEN = re.compile(r"(?<=\d)[\s\-‐-―－_.·()（）/]+(?=\d)")
WECHAT = re.compile(r"微信号?[:：]?\s*[A-Za-z][-_A-Za-z0-9]{4,}|QQ[:：]?\s*\d{5,}|@")
COUNT = r"[0-9一二三四五六七八九十百零〇两A-Za-z]+"
DOOR = re.compile(
    rf"{COUNT}\s*(?:栋|幢|座|单元|梯|室|房号?|巷|弄|横街|楼)(?!\s*(?:梯|房))|{COUNT}\s*号(?!\s*(?:电池|字|线|的?鞋|码|球))|门牌"
)
NEEDED = "不写姓名、电话和比社区更细的地址"


def fault(text: str, names: Collection[str] = (), places: Collection[str] = ()) -> str | None:
    """Why the words may not be public. `names` are those that the wish itself brings along, `places` those finer than a community."""
    joined = BETWEEN.sub("", text)
    if NUMBER.search(joined) or holds_id_number(text):
        return f"里面像有电话或证件号码。{NEEDED}"
    if WECHAT.search(text):
        return f"里面像有微信号或别的联系方式。{NEEDED}"
    if any(len(name) > 1 and name in text for name in names):
        return f"里面有姓名。{NEEDED}"
    if found := CALLED.search(text) or SHORTENED.search(text):
        return f"“{found[0]}”像是在说是谁。请写成“一位长者”“一个孩子”"
    if found := DOOR.search(text):
        return f"“{found[0]}”像是门牌或楼栋。{NEEDED}"
    if any(len(place) > 1 and place in text for place in places):
        return f"里面有小区或楼栋的名字。{NEEDED}"
    return None
