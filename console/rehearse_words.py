"""What the screen says around a rehearsed conversation, in the language of its flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ivr.flow_model import Flow
from ivr.rehearsing import MACHINES, TIME_IS_UP

Words = Mapping[str, str]

WORDS: Final[Mapping[str, Words]] = {
    "zh-CN": {
        "menling": "门铃", "you": "你", "silence": "(不说话)", "key": "按键", "cut": "(打断)",
        "timeout": "(通话超时)", "machine": "(接电话的是{})", "understood": "听懂",
        "nothing": "没听懂", "hoped": "正是所问", "unhoped": "不是所问", "aside": "先答",
        "rule": "依据", "if": "条件", "rung": "阶梯", "silences": "连续没回应{}次",
        "misses": "连续没听懂{}次", "from": "走向", "stays": "再问一遍", "slots": "记下",
        "resumes": "接着把刚才的话说完", "over": "挂机", "took": "约{:.0f}秒", "result": "结果",
        "passed": "没走", "because": "不成立", "order": "依次看", "followed": "走了",
        "state": "现在在", "expects": "盼着听到", "asked": "问的是", "empty": "还没有记下什么。",
        "undone": "退回一步。", "first": "已经是第一步了。", "why_first": "还没有说过话。",
        "needs_person": "人工", "window": "新时段", "address": "新地址", "hand_over": "交付",
        "consent": "同意", "again": "再打", "tickets": "工单", "wishes": "愿望", "notes": "备注",
        "aloud": "请戴上耳麦说话;输入数字再按回车是按键,/hang 挂电话。",
        "hung": "你挂了电话。", "left": "通话已经结束,后面还有{}句没说。",
    },
    "en-US": {
        "menling": "Menling", "you": "you", "silence": "(says nothing)", "key": "key",
        "cut": "(interrupts)", "timeout": "(time is up)", "machine": "({} answers)",
        "understood": "understood", "nothing": "not understood", "hoped": "as asked",
        "unhoped": "not what was asked", "aside": "answers first", "rule": "by", "if": "if",
        "rung": "ladder", "silences": "silent {} times", "misses": "not understood {} times",
        "from": "leads", "stays": "asks again", "slots": "remembers",
        "resumes": "goes on with the sentence that was cut", "over": "hangs up",
        "took": "about {:.0f} s", "result": "result", "passed": "passed over",
        "because": "does not hold", "order": "looked at", "followed": "followed",
        "state": "now at", "expects": "hopes for", "asked": "asks",
        "empty": "Nothing is remembered yet.", "undone": "One turn back.",
        "first": "This is the first turn.", "why_first": "Nothing was said yet.",
        "needs_person": "person", "window": "new window", "address": "new address",
        "hand_over": "hand-over", "consent": "consent", "again": "call again",
        "tickets": "tickets", "wishes": "wishes", "notes": "notes",
        "aloud": "Speak into a headset; digits and Enter are keys, /hang hangs up.",
        "hung": "You hung up.", "left": "The call is over; {} lines were left.",
    },
}  # fmt: skip

HELP: Final[Mapping[str, str]] = {
    "zh-CN": f"""\
  可以          像打电话一样说话          #1   按键(#* 和 ## 也行)
  (空行)        不说话                    !等等  打断门铃的话
  /why   上一步为什么这样走               /state  现在在哪里,盼着听到什么
  /slots 记下了什么                       /facts  知道些什么
  /undo  退回一步                         /hang   挂电话
  /quit  不练了                           {TIME_IS_UP}  通话超时
  {" ".join(MACHINES)}  接电话的不是人""",
    "en-US": f"""\
  yes           speak as on the telephone  #1   press a key (#* and ## too)
  (empty line)  say nothing                !wait  interrupt Menling
  /why   why the last turn went that way   /state  where we are, what is hoped for
  /slots what is remembered                /facts  what is known
  /undo  one turn back                     /hang   hang up
  /quit  stop rehearsing                   {TIME_IS_UP}  time is up
  {" ".join(MACHINES)}  no person answers""",
}


def words_for(flow: Flow) -> Words:
    """Return the words of the screen in a flow's language; English where it has none."""
    return WORDS.get(flow.language, WORDS["en-US"])


def help_for(flow: Flow) -> str:
    """Return what may be typed."""
    return HELP.get(flow.language, HELP["en-US"])
