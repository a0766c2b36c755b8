"""Invented people. Surnames common in Guangdong, given names put together by a seeded die; no one real is meant."""

from random import Random

from app.people.rules import Gender

SURNAMES = (
    "何梁罗邓冼区谭关黎麦霍岑陆郭陈李黄张林吴周徐孙马朱胡高彭曾萧潘袁蔡余杜叶程苏魏吕丁任沈姚卢"
    "傅钟姜崔廖范汪石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙史陶贺顾毛郝龚邵万覃武钱戴严莫孔向汤"
)
WOMEN = "嘉美淑凤秀慧丽玉婉静绮雅诗敏洁珍兰芳霞燕"
WOMEN_SECOND = "怡玲芬珍雯华兰欣娟云琴仪婷清莹如萍荷瑶"
MEN = "国伟永志柏家文俊建锦子浩健启耀嘉兆树"
MEN_SECOND = "栋强康远豪明辉杰华良生轩宁恒基荣添峰宏"


class Names:
    """Draws names without repeating one."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.used: set[str] = set()

    def draw(self) -> tuple[str, Gender]:
        while True:
            gender = self.rng.choice([Gender.FEMALE, Gender.MALE])
            first, second = (WOMEN, WOMEN_SECOND) if gender is Gender.FEMALE else (MEN, MEN_SECOND)
            given = self.rng.choice(first) + (self.rng.choice(second) if self.rng.random() < 0.9 else "")
            name = self.rng.choice(SURNAMES) + given
            if name not in self.used:
                self.used.add(name)
                return name, gender
