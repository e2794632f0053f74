from __future__ import annotations

import pytest

from tts.readings import UnspeakableError, pinyin, romanised


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("重庆", "chong2 qing4"),
        ("重新", "chong2 xin1"),
        ("朝阳区", "chao2 yang2 qu1"),
        ("长江路", "chang2 jiang1 lu4"),
        ("长一点", "chang2 yi4 dian3"),
        ("行吗?", "xing2 ma5?"),
        ("银行", "yin2 hang2"),
        ("还在吗", "hai2 zai4 ma5"),
        ("地址", "di4 zhi3"),
        ("睡着了", "shui4 zhao2 le5"),
        ("单先生", "shan4 xian1 sheng5"),
        ("运单", "yun4 dan1"),
        ("为您", "wei4 nin2"),
        ("谢谢", "xie4 xie5"),
        ("不是", "bu2 shi4"),
        ("不方便", "bu4 fang1 bian4"),
        ("是不是", "shi4 bu5 shi4"),
        ("一次", "yi2 ci4"),
        ("一个", "yi2 ge4"),
        ("一千", "yi4 qian1"),
        ("第一次", "di4 yi1 ci4"),
        ("十一点", "shi2 yi1 dian3"),
        ("一月一号", "yi1 yue4 yi1 hao4"),
        ("请按一", "qing3 an4 yi1"),
        ("幺二三四", "yao1 er4 san1 si4"),
        ("尾号12", "wei3 hao4 yao1 er4"),
        ("女儿", "nv3 er2"),
        ("S F", "ai2 si5 ai2 fu5"),
        ("APP", "ei1 pi1 pi1"),
    ],
)
def test_words_are_read_as_people_read_them(text: str, said: str) -> None:
    assert pinyin(text) == said


def test_stops_are_kept_for_their_pauses() -> None:
    assert pinyin("您好\uff0c请问、在吗\uff1f好。") == "nin2 hao3, qing3 wen4, zai4 ma5? hao3."


def test_where_two_stops_meet_the_stronger_stays() -> None:
    assert pinyin("好(的)。") == "hao3, de5."


def test_what_has_no_sound_is_named_and_told_what_to_do() -> None:
    with pytest.raises(UnspeakableError, match=r"U\+1F600.*readings.yaml") as caught:
        pinyin("好\U0001f600和é")
    assert caught.value.characters == "\U0001f600é"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("This is 顺达快递.", "This is shun da kuai di ."),
        ("Is this 吕女士?", "Is this lu nu shi ?"),
        ("Nothing to change", "Nothing to change"),
    ],
)
def test_an_english_voice_reads_chinese_names_by_their_syllables(text, said):
    assert " ".join(romanised(text).split()) == said
