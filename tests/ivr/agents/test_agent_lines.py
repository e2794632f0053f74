from __future__ import annotations

import pytest

from ivr.agent_lines import AgentAct, AgentEar, AgentLine, Solution


@pytest.fixture(scope="module")
def ear() -> AgentEar:
    """Knows the company and that it snowed."""
    return AgentEar(["顺达快递", "顺达"], ["(大雪|封路)"])


@pytest.mark.parametrize(
    ("said", "acts"),
    [
        ("您好", "greet"),
        ("上午好,顺达快递", "greet company"),
        ("您好,这里是顺达客服小王", "greet company"),
        ("工号一零二四", "name"),
        ("我叫李梅", "name"),
        ("您请讲", "listen"),
        ("您慢慢说", "listen"),
        ("麻烦您报一下运单号", "ask_waybill"),
        ("请问您的快递单号是多少", "ask_waybill"),
        ("单号后四位是多少", "ask_waybill"),
        ("请问您是收件人本人吗", "identify"),
        ("请问您怎么称呼", "identify"),
        ("您的手机尾号是多少", "identify"),
        ("您是什么时候收到的", "ask_details"),
        ("外包装有没有破", "ask_details"),
        ("方便拍张照片发给我们吗", "ask_details"),
        ("我特别理解您的心情", "empathise"),
        ("让您久等了", "empathise"),
        ("给您添麻烦了", "empathise"),
        ("换成是我也会生气的", "empathise"),
        ("您先别着急", "empathise"),
        ("非常抱歉", "apologise"),
        ("对不起,这是我们的失误", "apologise"),
        ("真的不好意思", "apologise"),
        ("请您稍等", "wait"),
        ("我马上帮您查一下", "wait"),
        ("我们不会问您要验证码", "prove"),
        ("您可以打官方客服电话核实", "prove"),
        ("因为下大雪路上耽误了", "explain"),
        ("我跟您确认一下", "read_back"),
        ("还有什么可以帮您的吗", "anything_else"),
        ("请问还有其他需要吗", "anything_else"),
        ("祝您生活愉快", "goodbye"),
        ("再见", "goodbye"),
        ("我慢慢跟您说", "louder"),
        ("尽快给您处理", "vague"),
        ("我保证没问题", "overpromise"),
        ("给您十倍赔偿", "overpromise"),
        ("这是你自己写错了", "blame"),
        ("你怎么不早说", "blame"),
        ("这不归我们管", "shirk"),
        ("你去找商家吧", "shirk"),
        ("我不知道", "forbidden"),
        ("你急什么", "forbidden"),
        ("要投诉你就投诉去", "forbidden"),
        ("这是公司规定", "forbidden"),
        ("这个我们不能赔", "refuse"),
        ("两小时内给您回电话", "promise_time"),
        ("明天上午送到您家", "promise_time propose"),
        ("今天下午五点前给您答复", "promise_time"),
        ("三个工作日内退给您", "promise_time"),
    ],
)
def test_a_line_is_taken_for_what_it_does(ear: AgentEar, said: str, acts: str) -> None:
    assert set(acts.split()) <= ear.line(said).acts.keys()


@pytest.mark.parametrize(
    ("said", "never"),
    [
        ("因为下大雪,车停了两天", AgentAct.PROMISE_TIME),
        ("非常抱歉,让您等了三天", AgentAct.PROMISE_TIME),
        ("我马上登记核实", AgentAct.VAGUE),
        ("我尽快在今天六点前给您回复", AgentAct.VAGUE),
        ("这个我们不能赔偿", AgentAct.PROPOSE),
        ("您好", AgentAct.COMPANY),
        ("嗯", AgentAct.LISTEN),
        ("好的", AgentAct.READ_BACK),
    ],
)
def test_a_line_is_not_taken_for_what_it_does_not(
    ear: AgentEar, said: str, never: AgentAct
) -> None:
    assert never not in ear.line(said).acts


@pytest.mark.parametrize(
    ("said", "solution"),
    [
        ("我给您安排加急派送", Solution.REDELIVER),
        ("今天给您送货上门", Solution.REDELIVER),
        ("给您换一个新的", Solution.REPLACE),
        ("运费退给您", Solution.REFUND),
        ("给您申请二十元补偿", Solution.COMPENSATE),
        ("安排快递员上门取件", Solution.RETURN),
        ("少的那件给您补发", Solution.SEND_MISSING),
        ("我让快递员来取走", Solution.FETCH_SURPLUS),
        ("我登记一个工单", Solution.INVESTIGATE),
        ("请站长给您道歉", Solution.APOLOGISE),
        ("麻烦您再等一天", Solution.WAIT),
    ],
)
def test_what_is_offered_is_heard(ear: AgentEar, said: str, solution: Solution) -> None:
    assert solution in ear.line(said).solutions


@pytest.mark.parametrize(
    ("said", "yuan"),
    [("赔您二十元", 20), ("补偿一百五十块钱", 150), ("赔20元,再退5元", 20), ("您好", 0)],
)
def test_the_largest_sum_is_heard(ear: AgentEar, said: str, yuan: int) -> None:
    assert ear.line(said).yuan == yuan


def test_nothing_said_is_silence(ear: AgentEar) -> None:
    assert ear.line("  ").is_silent
    assert AgentLine("").is_silent
    assert not ear.line("嗯").is_silent


def test_the_words_of_an_act_are_kept_as_evidence(ear: AgentEar) -> None:
    line = ear.line("您好,非常抱歉,让您久等了。")
    assert line.acts[AgentAct.APOLOGISE] == "非常抱歉"
    assert line.longest == 5


def test_homophones_of_a_recogniser_are_understood(ear: AgentEar) -> None:
    assert AgentAct.APOLOGISE in ear.line("非常报歉").acts
