from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
import vosk
from pypinyin import lazy_pinyin

from audio.pcm import silence
from tts.speech import Voice
from tts.synthesizer import Synthesizer

SENTENCES = (
    "您好,我是顺达快递的自动语音助手。",
    "您有一个包裹预计明天下午两点到四点送到。",
    "请问这个时间您方便收件吗?",
    "好的,明天下午我们准时送到。",
    "请问您想改到哪一天,什么时间?",
    "给您改到后天下午三点以后,对吗?",
    "请问新的地址是什么?",
    "您的新地址是幸福路十八号三号楼二单元,对吗?",
    "包裹放在快递柜可以吗?",
    "请问您同意放在门口吗?",
    "包裹会放在物业,请您及时去取。",
    "对不起,我没有听清,请您再说一遍。",
    "方便请按一,改时间请按二,改地址请按三。",
    "我们会请人工客服给您回电话。",
    "好的,不再打扰您,再见。",
    "谢谢您,祝您生活愉快,再见。",
    "您打错了吗?",
    "请问您是收件人本人吗?",
    "您的包裹是从北京寄来的。",
    "需要代收货款一百零五元。",
    "好的,我等您,不着急。",
    "上午九点到十一点您在家吗?",
)


def heard(model: vosk.Model, pcm: bytes) -> str:
    recogniser = vosk.KaldiRecognizer(model, 8000)
    text = ""
    for start in range(0, len(pcm), 640):
        if recogniser.AcceptWaveform(pcm[start : start + 640]):
            text += json.loads(recogniser.Result())["text"]
    text += json.loads(recogniser.FinalResult())["text"]
    return text.replace(" ", "")


def syllables(text: str) -> list[str]:
    """Homophones sound right: only the toneless syllables tell whether a sentence is clear."""
    return lazy_pinyin("".join(char for char in text if char.isalpha()))


def edits(wanted: list[str], got: list[str]) -> int:
    row = list(range(len(got) + 1))
    for i, a in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(got, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


@pytest.mark.tts
@pytest.mark.vosk
@pytest.mark.slow
def test_the_recogniser_understands_what_menling_says_on_the_telephone() -> None:
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(Path(str(files("asr"))) / "models" / "model-zh-delivery"))
    synthesizer = Synthesizer()
    errors = total = 0
    told = []
    for sentence in SENTENCES:
        wanted = syllables(sentence)
        got = heard(model, silence(0.2) + synthesizer.speak(sentence, Voice()) + silence(0.5))
        wrong = edits(wanted, syllables(got))
        errors += wrong
        total += len(wanted)
        if wrong:
            told.append(f"{sentence} -> {got}")
    print("\n".join(told), f"\n{errors} of {total} syllables")
    assert errors / total <= 0.06, "\n".join(told)
