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
        ("非常抱歉今天下午六点前给您送到", "apologise promise_time"),
        ("您好,欢迎致电顺达快递,请问有什么可以帮您", "greet company"),
        ("您好顺达快递,我是客服小陈", "greet company name"),
        ("先生您好", "greet"),
        ("嗯嗯,您继续", "listen"),
        ("我在听,您请说", "listen"),
        ("能把您的运单号告诉我吗", "ask_waybill"),
        ("请您提供一下快递单号,我来查", "ask_waybill"),
        ("您手上有单号吗", "ask_waybill"),
        ("麻烦报下单号", "ask_waybill"),
        ("方便告诉我收件人的姓名吗", "identify"),
        ("请问您贵姓", "identify"),
        ("我跟您核对一下收件人信息,是王芳女士对吗", "identify"),
        ("请问是陈女士本人吗", "identify"),
        ("您的联系电话是多少", "identify"),
        ("具体是哪里坏了呢", "ask_details"),
        ("您能描述一下当时的情况吗", "ask_details"),
        ("外箱有破损吗", "ask_details"),
        ("您拍照了吗", "ask_details"),
        ("我完全能理解您现在的心情", "empathise"),
        ("您着急我特别理解", "empathise"),
        ("这事儿搁谁身上都会生气", "empathise"),
        ("给您造成不便了", "empathise"),
        ("辛苦您跑了这么多趟", "empathise"),
        ("感谢您的耐心等待", "empathise"),
        ("真是对不住您", "apologise"),
        ("实在是抱歉", "apologise"),
        ("我代表公司向您道歉", "apologise"),
        ("这个确实是我们做得不好", "apologise"),
        ("您别挂,我查一下", "wait"),
        ("麻烦您等我一分钟", "wait"),
        ("我这就帮您看看物流", "wait"),
        ("您可以拨打我们官网上的客服热线核实我的工号", "prove"),
        ("我们不会让您转账", "prove"),
        ("我马上联系站点,今天给您加急送过去", "propose"),
        ("我让快递员现在就给您送", "propose"),
        ("我们可以给您重新补发一件", "propose"),
        ("这边帮您申请赔付,最多二十块", "propose"),
        ("多收的二十块我们原路退回给您", "propose"),
        ("我安排师傅上门取货", "propose"),
        ("我给您登记投诉,让站长去核实", "propose"),
        ("让他亲自给您赔礼道歉", "propose"),
        ("最晚今天晚上八点给您回复", "promise_time"),
        ("二十四小时内给您处理结果", "promise_time"),
        ("明天中午十二点之前一定送到您手上", "promise_time"),
        ("半个小时之内站长给您打电话", "promise_time"),
        ("那我再跟您核对一遍", "read_back"),
        ("我帮您总结一下", "read_back"),
        ("所以我们约定的是明天上午送到,对吧", "read_back"),
        ("您看还有别的需要我帮忙的吗", "anything_else"),
        ("您还有其他问题吗", "anything_else"),
        ("那就不打扰您了,再见", "goodbye"),
        ("谁让您不当场验货呢", "blame"),
        ("您自己地址填得不清楚啊", "blame"),
        ("您不接电话我们也没办法", "blame"),
        ("这个得您自己找商家", "shirk"),
        ("我们只管送,别的不管", "shirk"),
        ("不是我们部门负责的", "shirk"),
        ("我也没办法", "forbidden"),
        ("你到底想怎么样", "forbidden"),
        ("爱要不要", "forbidden"),
        ("你冲我喊有什么用", "forbidden"),
        ("我刚才不是说了吗", "forbidden"),
        ("你能不能听我说完", "forbidden"),
        ("我保证今天一定给您送到", "overpromise"),
        ("绝对不会再出问题", "overpromise"),
        ("赔多少您说了算", "overpromise"),
        ("我们会尽快处理的", "vague"),
        ("这个没法给您赔", "refuse"),
        ("您好这里是顺达快递服务中心", "greet company"),
        ("下午好,我是工号三零五的客服", "greet name"),
        ("好的您慢慢讲", "listen"),
        ("您方便报一下快递单上的号码吗", "ask_waybill"),
        ("单号是多少呢", "ask_waybill"),
        ("请问收件人叫什么名字", "identify"),
        ("您是寄件人还是收件人", "identify"),
        ("请问少了几件东西", "ask_details"),
        ("您当时签收的时候检查过吗", "ask_details"),
        ("换了我我也会着急", "empathise"),
        ("听得出来您很着急", "empathise"),
        ("让您白等了一天真是过意不去", "empathise"),
        ("给您道个歉", "apologise"),
        ("不好意思耽误您时间了", "apologise"),
        ("您稍等我看一下系统", "wait"),
        ("我先帮您核实一下情况", "wait"),
        ("您可以先挂断,打我们的官方热线来核实", "prove"),
        ("那我给您改成明天上午送", "propose"),
        ("我跟站点说一下,优先给您派", "propose"),
        ("我们按规定赔您五十元", "propose"),
        ("我这边给您办理退款", "propose"),
        ("您把坏的寄回来,我们给您换新", "propose"),
        ("我叫师傅晚上去您家把多出来的包裹拿回来", "propose"),
        ("我会上报主管,由他跟您联系", "propose"),
        ("今晚七点前给您回电", "promise_time"),
        ("后天之前把钱退给您", "promise_time"),
        ("我四十分钟以后打给您", "promise_time"),
        ("周三上午给您送到", "promise_time"),
        ("跟您重复一下,今晚七点前给您回电", "read_back"),
        ("还有什么我能帮到您的吗", "anything_else"),
        ("感谢来电,再见", "goodbye"),
        ("这不都是因为您没写清楚地址吗", "blame"),
        ("您怎么不早点打电话", "blame"),
        ("这是商家的责任", "shirk"),
        ("快递员的事我管不着", "shirk"),
        ("这我哪知道啊", "forbidden"),
        ("你嚷什么嚷", "forbidden"),
        ("我打包票明天肯定到", "overpromise"),
        ("有消息了通知您", "vague"),
        ("不能退钱", "refuse"),
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
        ("因为今天下午下大雪", AgentAct.PROMISE_TIME),
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
