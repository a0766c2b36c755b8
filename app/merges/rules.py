"""Two records of one person: how alike they are, and what becomes of a merge. Pure."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from app.people.rules import Gender, Origin

UNDO_DAYS = 30
UNDO_FOR = timedelta(days=UNDO_DAYS)
TOO_LATE = f"合并满 {UNDO_DAYS} 天，不能撤销了；个别记录不对，请用更正。"
LEAST = 50  # what is less alike is not shown
STEP = 150  # sources moved in one transaction


class Verdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    """Where a merge stands. MOVING and UNDOING are between two short transactions; `flask merges finish` ends them too."""

    WAITING = "waiting"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    MOVING = "moving"
    MERGED = "merged"
    UNDOING = "undoing"
    UNDONE = "undone"


STATE_NAMES = {
    State.WAITING: "等另一位确认",
    State.RETURNED: "没有合并",
    State.WITHDRAWN: "提出的人撤回了",
    State.MOVING: "正在合并",
    State.MERGED: "已合并",
    State.UNDOING: "正在撤销",
    State.UNDONE: "合并已撤销",
}

ORIGIN_NAMES = {Origin.ROSTER: "名册导入", Origin.SELF: "自己登记", Origin.STAFF: "管理员登记"}

_TRADITIONAL = (
    "陳陈黃黄張张劉刘楊杨趙赵吳吴鄭郑馮冯蔣蒋葉叶許许鄧邓蕭萧鍾钟鐘钟羅罗關关陸陆龍龙譚谭鄒邹龔龚嚴严華华齊齐賀贺顧顾錢钱湯汤喬乔賴赖範范韓韩"
    "潔洁麗丽國国強强偉伟傑杰軍军東东紅红蘭兰蓮莲雲云鳳凤飛飞興兴榮荣貴贵慶庆燈灯銀银鋒锋鋼钢錦锦鎮镇鑫鑫銘铭鈞钧鉅钜寶宝賢贤義义禮礼豐丰農农"
    "衛卫藝艺蘇苏藍蓝蔭荫薩萨藺蔺蘆芦廣广寧宁廬庐應应業业樹树權权橋桥標标楓枫榕榕歡欢歐欧濤涛潤润澤泽濟济淨净淵渊漢汉瀾澜灝灏煒炜煥焕燁烨熾炽"
    "愛爱愷恺憶忆懷怀懿懿戀恋揚扬擁拥據据攝摄敏敏數数斌斌時时晉晋曉晓曄晔暉晖書书會会條条來来樂乐機机檢检氣气沖冲決决準准滿满漁渔為为爾尔環环瑩莹"
    "瓊琼瑋玮璣玑產产畢毕異异當当發发盧卢盡尽眾众礎础祿禄禎祯禪禅種种積积穎颖窩窝競竞筆笔節节築筑簡简籌筹紀纪約约純纯紗纱紹绍細细終终組组結结絲丝經经"
    "綠绿維维綱纲緒绪緯纬練练縣县總总績绩織织繼继續续纖纤聖圣聞闻聯联聲声職职聰聪肅肃膚肤膽胆臨临臺台與与舉举艦舰芻刍莊庄萬万蔣蒋薔蔷衝冲裡里製制親亲覺觉"
    "觀观計计訓训記记許许設设訪访評评詩诗詠咏詳详誠诚語语誼谊調调論论諾诺謀谋謙谦謝谢謹谨證证識识譽誉讀读變变讓让財财貞贞貢贡貴贵費费賈贾資资賓宾賜赐質质贊赞"
    "趙赵躍跃車车軒轩輝辉輪轮輿舆轉转農农連连進进遊游運运過过達达遠远適适遲迟選选遺遗鄉乡醫医釋释鎖锁鏡镜鐵铁長长門门閃闪開开閔闵閒闲間间閣阁閩闽閻阎闖闯陽阳陰阴"
    "際际隨随險险隱隐雙双雞鸡離离雖虽電电靈灵靜静響响頂顶順顺須须預预領领頭头頻频題题顏颜願愿類类風风飄飘養养餘余館馆馬马駐驻駱骆騁骋騏骐騰腾驍骁驕骄驗验骥骥"
    "魏魏魚鱼魯鲁鮑鲍鮮鲜鳴鸣鴻鸿鵬鹏鶴鹤鷹鹰麥麦麟麟黨党點点齡龄龐庞嬌娇嫻娴嬋婵妝妆姍姗婭娅壽寿壯壮夢梦奧奥孫孙學学寬宽實实將将對对導导屆届層层島岛崗岗嶺岭嶽岳"
    "師师帥帅幫帮幹干庫库廳厅強强彌弥從从復复徵征後后愼慎處处價价儀仪億亿優优儲储兒儿內内兩两冊册凱凯別别則则剛刚創创劍剑勁劲動动務务勛勋勝胜勞劳勵励勤勤匯汇區区協协"
    "單单卻却厲厉參参員员問问啟启喚唤嚮向圍围園园圓圆圖图團团執执堅坚報报場场塵尘墳坟壇坛錫锡鏗铿鋆鋆鉛铅鈺钰鉑铂鎔镕鍵键鍛锻鑑鉴鑒鉴祐佑昇升淼淼峯峰羣群啓启璿璇晧皓"
)
SIMPLE = str.maketrans(dict(zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)))


@lru_cache(32768)  # a list compares everybody in scope
def name_key(name: str) -> str:
    """As it is compared: without blanks, dots and full-width letters, simplified. 陳 志強 and 陈志强 are one."""
    plain = unicodedata.normalize("NFKC", name)
    return "".join(char for char in plain if char.isalnum()).lower().translate(SIMPLE)


@lru_cache(32768)
def sound_key(name: str) -> str:
    """How it sounds: 陈志强 and 陈智强 are alike; a name typed in letters is like its characters."""
    return "".join(map(_sound, name_key(name)))


@lru_cache(8192)
def _sound(char: str) -> str:
    if char.isascii():
        return char
    from pypinyin import Style, lazy_pinyin  # takes a third of a second to load

    return "".join(lazy_pinyin(char, style=Style.NORMAL, errors="ignore"))


@dataclass(frozen=True)
class Known:
    """A record as far as likeness goes. `units` are those it belongs to, `areas` the communities above them."""

    id: int
    name: str
    gender: Gender | None
    birth_date: date | None
    confirmed: bool
    phones: frozenset[str] = frozenset()
    units: frozenset[int] = frozenset()
    areas: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Likeness:
    """`score` of 100; `reasons` speak for one person, `doubts` against it. In words, without any number of a phone."""

    score: int
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def words(self) -> str:
        return "很可能是同一个人" if self.score >= 80 else "可能是同一个人"


def likeness(one: Known, other: Known) -> Likeness:
    """A name alone is never enough; a phone alone neither, since couples share one."""
    reasons, doubts, score = [], [], 0
    same, sounds = name_key(one.name) == name_key(other.name), sound_key(one.name) == sound_key(other.name)
    if same:
        score += 35
        reasons.append("姓名相同" if one.name == other.name else "姓名相同（只是繁体、空格不同）")
    elif sounds:
        score += 25
        reasons.append("姓名读音相同，字不同")
    elif _one_off(name_key(one.name), name_key(other.name)):
        score += 12
        reasons.append("姓名只差一个字")
    if one.phones & other.phones:
        score += 45
        reasons.append("手机号码相同")
    if one.birth_date and other.birth_date:
        if one.birth_date == other.birth_date:
            score += 35
            reasons.append("出生日期相同")
        else:
            score -= 40
            doubts.append("出生日期不同")
    if one.units & other.units:
        score += 20
        reasons.append("在同一个单位")
    elif one.areas & other.areas:
        score += 10
        reasons.append("在同一个社区")
    if one.gender and other.gender and one.gender is not other.gender:
        score -= 35
        doubts.append("性别不同")
    if one.confirmed != other.confirmed:
        score += 5
        reasons.append("有一份是自己登记的，还没核实")
    if not (same or sounds) and one.phones & other.phones:
        doubts.append("一家人也会用同一个号码")
    return Likeness(max(0, min(score, 100)), tuple(reasons), tuple(doubts))


def _one_off(one: str, other: str) -> bool:
    """陈文 and 陈大文, 何嘉仪 and 何嘉怡: one character more or another, with the same surname."""
    if one[:1] != other[:1] or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    return any(short == long[:at] + long[at + 1 :] for at in range(len(long)))


def stays_better(one: Known, other: Known, weight: dict[int, tuple[int, ...]]) -> tuple[int, int]:
    """(who stays, who goes): the confirmed one, who belongs to a unit, with more on record, the older record."""
    order = sorted((one, other), key=lambda who: (not who.confirmed, not who.units, *(-part for part in weight.get(who.id, ())), who.id))
    return order[0].id, order[1].id
