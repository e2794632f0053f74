"""A small model built as official Vosk models are: 16 kHz, i-vectors, words of its own.

    python -m asr.training.ivector_test_model tests/asr/models/model-zh-16k

It shows that nothing depends on the bundled model: its vocabulary has no 幺 and not every
character, and lies inside Gr.fst instead of words.txt. The network is the bundled one with an
i-vector beside the frames: cepstra of the same mel filters, computed at 16 kHz, are nearly those
of 8 kHz. The weights of the i-vector are small numbers drawn at random, not trained: it is computed
and used, and it helps nobody. Takes a few seconds.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import numpy as np

from asr.model_files import bundled_model
from asr.training.features import FeatureConfig, Floats, mfcc
from asr.training.graph import GraphOptions, write_graph
from asr.training.ivector import learn
from asr.training.kaldi_model import MODEL_CONF, compress, expand
from asr.training.language import Clip, PhoneSet, Pronunciation
from asr.training.mandarin import spoken
from asr.training.mandarin_sounds import PHONES, phones_of, standard
from asr.training.mandarin_texts import filled
from asr.training.takes import take_of

CONFIG = FeatureConfig(rate=16000)
"""The bundled network's filters and cepstra, at the rate of official models."""

_CLIPS = 40
_IVECTOR, _GAUSSIANS, _SEEN = 6, 4, 10
_WEIGHT = 0.02
"""Size of the random weights; those of the frames are about ten times larger."""

WORDS = """
可以 可以的 好的 是的 对的 对 好 行 没问题 方便 不方便 在家 不在家 不行 不是 不对 不用了 不要了
没有 没空 同意 今天 明天 后天 周末 周六 星期 上午 下午 晚上 中午 以后 以前 左右 改到 改成 改时间
改地址 时间 地址 放到 放在 门口 快递柜 驿站 物业 前台 邻居 门卫 送上门 送过来 再送 送到 转人工
人工 客服 投诉 你好 喂 谁啊 哪位 什么 什么快递 再说 一遍 没听清 等一下 谢谢 再见 打错了 错了
你打 别再 打了 零 一 二 两 三 四 五 六 七 八 九 十 点 点半 号楼 单元 尾号 分 吧 我 放 送 嗯 了
不 要 就行 家里 有人 没人 我在 开车 开会 号 家
"""

SLOTS: Mapping[str, Sequence[str]] = {
    "digit": list("零一二三四五六七八九"),
    "hour": list("一两三四五六七八九十"),
    "day": ["今天", "明天", "后天", "周末", "周六"],
    "part": ["上午", "下午", "晚上", "中午"],
    "when": [
        "{day}",
        "{part}",
        "{day}{part}",
        "{day}{part}{hour}点",
        "{part}{hour}点半",
        "{hour}点",
    ],
    "place": ["门口", "快递柜", "驿站", "物业", "前台", "邻居", "门卫"],
}

SENTENCES = (
    "(可以|可以的|好的|是的|对的|对|好|行|没问题|方便|在家|同意|嗯)",
    "(可以|好的|是的|对|行)[吧|谢谢]",
    "(不方便|不在家|不行|不是|不对|不用了|不要了|没有|没空|家里没人|打错了|你打错了)",
    "[改到|改成]{when}[以后|以前|左右][吧|再送|送过来|送]",
    "{when}以后吧",
    "[放|放在|放到|送到]{place}[吧|就行]",
    "(送上门|改时间|改地址|转人工|人工|人工客服|投诉|我要转人工|我要投诉)",
    "(你好|喂|喂你好|谁啊|哪位|什么|什么快递|再说一遍|没听清|等一下|谢谢|再见|别再打了|我在开车|我在开会)",
    "{digit}{digit}{digit}{digit}",
    "尾号{digit}{digit}{digit}{digit}",
    "[{digit}号楼]{digit}单元{digit}{digit}{digit}",
    "(家里有人|我在家|家里没人|我不在家)",
    "{hour}分",
)


class Phrases:
    """Mandarin with a vocabulary of its own, of a hundred words."""

    code = "zh-CN"

    @property
    def phones(self) -> PhoneSet:
        """Those of Mandarin."""
        return PHONES

    def lexicon(self) -> Mapping[str, tuple[Pronunciation, ...]]:
        """Return the words with their readings."""
        return {word: standard(word) for word in sorted(set(WORDS.split()))}

    def texts(self, seed: int, count: int) -> Iterator[tuple[str, ...]]:
        """Yield the phrases in words, longest first."""
        random = Random(seed)
        words = self.lexicon()
        for _ in range(count):
            yield tuple(_cut(self.sentence(random), words))

    def sentence(self, random: Random) -> str:
        """Return a phrase."""
        return filled(random.choice(SENTENCES), random, SLOTS)

    def speak(self, random: Random, held_out: bool = False) -> Clip:
        """Synthesise a phrase with a random voice."""
        while True:
            clip = spoken(self.sentence(random), random, held_out)
            if clip is not None:
                return clip

    def pronounce(self, text: str) -> tuple[Pronunciation, ...]:
        """Return how a text reads."""
        return (phones_of(text),)


def _cut(text: str, words: Mapping[str, object]) -> Iterator[str]:
    while text:
        word = next(text[:n] for n in range(len(text), 0, -1) if text[:n] in words)
        yield word
        text = text[len(word) :]


def _frames(random: Random) -> Floats:
    clip = take_of(Phrases().speak(random), PHONES, CONFIG.rate)
    return mfcc(clip.pcm, CONFIG)


def told_who_speaks(model: bytes, dimension: int, seed: int) -> bytes:
    """Return a final.mdl whose first layer also reads an i-vector.

    Raises ValueError when the model is not laid out as this tool's are.
    """
    config = re.search(rb"(input-node name=input dim=\d+\n)(component-node [^\n]*)\)\n", model)
    mark = b"<ComponentName> l1.affine <FixedAffineComponent> <LinearParams> "
    start = model.find(mark) + len(mark)
    end = model.find(b"<BiasParams> ", start)
    if config is None or start < len(mark) or end < 0:
        raise ValueError("the network's first layer is no l1.affine of this tool")
    weight = expand(model[start:end])
    dice = np.random.default_rng(seed)
    wider = np.hstack([weight, dice.normal(0.0, _WEIGHT, (len(weight), dimension))])
    lines = (
        config[1]
        + f"input-node name=ivector dim={dimension}\n".encode()
        + config[2]
        + b", ReplaceIndex(ivector, t, 0))\n"
    )
    return (
        model[: config.start()]
        + lines
        + model[config.end() : start]
        + compress(wider)
        + model[end:]
    )


def build(directory: Path, seed: int = 1) -> None:
    """Write the model."""
    random = Random(seed)
    extractor = learn([_frames(random) for _ in range(_CLIPS)], _IVECTOR, _GAUSSIANS, _SEEN, seed)
    for folder in ("am", "conf"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    model = (bundled_model() / "am/final.mdl").read_bytes()
    (directory / "am/final.mdl").write_bytes(told_who_speaks(model, extractor.dimension, seed))
    (directory / "conf/mfcc.conf").write_text(CONFIG.text(), encoding="ascii")
    (directory / "conf/model.conf").write_text(MODEL_CONF, encoding="ascii")
    extractor.write(directory / "ivector")
    options = GraphOptions(
        sentences=3_000,
        least_count=(0.0, 0.0, 1.1),
        flattening=0.35,
        background_share=0.15,
        words_inside=True,
    )
    print(write_graph(Phrases(), directory / "graph", seed=seed, progress=print, options=options))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
