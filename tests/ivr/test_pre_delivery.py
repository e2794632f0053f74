"""The pre-delivery conversation, turn by turn."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.exchange import BargeIn, DialogOutcome, HangUp, Keep, Machine, Resume, Say
from ivr.flow import all_prompts
from ivr.meaning import Address, HandOver, Intent, Window
from tts.prompts import spoken_seconds

SIDE_QUESTIONS = {
    Intent.WHO: "自动语音助手",
    Intent.WHICH_PARCEL: "运动鞋",
    Intent.FROM_WHOM: "小山户外",
    Intent.WHEN: "明天下午两点到四点",
    Intent.HOW_MUCH: "没有要代收",
    Intent.IS_IT_A_SCAM: "四零零",
    Intent.HOW_DID_YOU_GET_MY_NUMBER: "收货电话",
}


def test_the_opening_says_who_calls_what_for_and_asks_within_eight_seconds(talk):
    sentences = [each.text for each in talk.actions if isinstance(each, Say)]
    assert "顺达快递自动语音助手" in sentences[0]
    assert "幺二三四" in sentences[1]
    assert "明天下午两点到四点" in sentences[1]
    assert sum(spoken_seconds(text) for text in sentences[:-1]) <= 8.0


def test_whoever_answers_a_recorded_call_is_told_so_behind_the_first_sentence(call, facts):
    told = [each.text for each in call(replace(facts, recorded=True)).actions[:3]]
    assert "顺达快递自动语音助手" in told[0]
    assert told[1] == "本次通话会录音。"
    assert "幺二三四" in told[2]
    assert not any("录音" in each.text for each in call(facts).actions if isinstance(each, Say))


@pytest.mark.parametrize("question", SIDE_QUESTIONS)
def test_a_side_question_is_answered_and_the_open_question_put_again(talk, question):
    talk.says(question)
    assert SIDE_QUESTIONS[question] in talk.reply
    assert talk.question == "opening"
    assert talk.reply.endswith("?")


def test_a_side_question_within_a_yes_is_answered_before_the_goodbye(talk):
    talk.says(Intent.YES, "可以你是谁", also=(Intent.WHO,))
    assert talk.reply.startswith("我是顺达快递")
    assert talk.result.outcome is DialogOutcome.CONFIRMED


def test_what_the_delivery_does_not_say_is_not_invented(call, facts):
    talk = call(replace(facts, item="", merchant="", callback_number="", cod_amount_fen=1250))
    assert "看不到寄件人" in talk.says(Intent.FROM_WHOM).reply
    assert "没写是什么" in talk.says(Intent.WHICH_PARCEL).reply
    assert "十二块五" in talk.says(Intent.HOW_MUCH).reply
    assert "打" not in talk.says(Intent.IS_IT_A_SCAM).reply.split("方便")[0]


def test_say_again_repeats_the_announcement_and_the_question(talk):
    talk.says(Intent.REPEAT)
    assert "幺二三四" in talk.reply
    assert talk.reply.endswith("到时候方便收吗?")
    assert talk.presses("*").reply.endswith("到时候方便收吗?")


def test_slower_puts_the_question_in_smaller_pieces(talk):
    talk.says(Intent.SLOWER)
    assert talk.reply.startswith("好的,我说慢一点。")


@pytest.mark.parametrize("noise", [Intent.GREETING, Intent.BACKCHANNEL, Intent.THANKS])
def test_a_hello_over_our_greeting_lets_the_sentence_begin_anew(talk, noise):
    assert talk.says(noise, "喂", interrupting=True).actions == (Resume(),)


def test_a_hello_at_our_question_gets_the_question_and_is_no_misunderstanding(talk):
    talk.says(Intent.GREETING, "喂")
    assert talk.reply == "快递明天下午两点到四点送到,您方便收吗?"
    assert talk.dialog.tally.no_match == 0


def test_nothing_but_hellos_is_no_answer(talk):
    for _ in range(3):
        talk.says(Intent.GREETING, "喂")
    assert "没听清" in talk.reply
    assert talk.says(Intent.GREETING, "喂").question == "opening"
    assert talk.says(Intent.GREETING, "喂").result.outcome is DialogOutcome.CALLBACK_PROMISED


def test_a_second_silence_reprompts_with_the_shorter_wording_and_the_keypad(talk):
    first = talk.stays_silent().reply
    second = talk.stays_silent().reply
    assert first.startswith("喂,您好,能听到吗?")
    assert "请按一" in second
    assert second.startswith("到时候您方便收吗?")
    assert talk.stays_silent().is_over


def test_a_promise_is_kept_with_the_moment_that_was_said(talk, facts):
    talk.says(Intent.PERSON, "转人工")
    assert "之前给您回电话" in talk.reply
    assert talk.result.callback_by is not None
    assert talk.result.callback_by > facts.now


def test_whoever_only_agrees_is_promised_no_callback(talk):
    assert talk.says(Intent.YES, "可以").result.callback_by is None


def test_a_third_misunderstanding_hands_the_call_to_a_person(talk):
    assert "没听清" in talk.says(Intent.NOTHING).reply
    assert "请按一" in talk.says(Intent.NOTHING).reply
    assert talk.says(Intent.NOTHING).result.needs_person == "多次没有听清"


def test_something_understood_forgives_what_was_not(talk):
    talk.says(Intent.NOTHING).says(Intent.NOTHING).says(Intent.WHO).says(Intent.NOTHING)
    assert not talk.is_over


def test_an_unknown_key_is_answered_like_words_nobody_understood(talk):
    assert "没听清" in talk.presses("8").reply


def test_noise_over_our_voice_lets_the_sentence_begin_anew_once(talk):
    assert talk.says(Intent.NOTHING, interrupting=True).actions == (Resume(),)
    assert "请按一" in talk.says(Intent.NOTHING, interrupting=True).reply


def test_a_day_alone_is_asked_for_its_half_and_completed_by_it(talk, now):
    day = (now + timedelta(days=2)).replace(hour=8)
    talk.says(Intent.RESCHEDULE, "后天吧", window=Window(day, day.replace(hour=21)))
    assert talk.reply == "好的,后天上午还是下午?"
    today = now.replace(hour=13)
    talk.says(Intent.TELL, "下午", window=Window(today, today.replace(hour=18)))
    assert talk.reply == "好的,改到后天下午,对吗?"
    talk.says(Intent.YES, "对")
    assert talk.result.new_window == Window(day.replace(hour=13), day.replace(hour=18))


def test_a_key_completes_the_day_that_was_agreed(talk, now):
    day = (now + timedelta(days=2)).replace(hour=8)
    talk.says(Intent.RESCHEDULE, "后天吧", window=Window(day, day.replace(hour=21)))
    assert talk.presses("3").reply == "好的,改到后天晚上,对吗?"


def test_a_weekend_is_asked_for_its_day(talk, now):
    saturday = (now + timedelta(days=5)).replace(hour=9)
    talk.says(Intent.RESCHEDULE, "周末", window=Window(saturday, saturday + timedelta(days=1.5)))
    assert talk.question == "ask_day"


@pytest.mark.parametrize(
    ("days", "start", "end", "reply"),
    [
        (0, 8, 9, "已经过了"),
        (1, 22, 23, "早上八点到晚上九点"),
        (20, 9, 12, "最多能留七天"),
    ],
)
def test_a_time_nobody_can_come_is_explained_and_asked_again(talk, now, days, start, end, reply):
    day = now + timedelta(days=days)
    talk.says(Intent.RESCHEDULE, window=Window(day.replace(hour=start), day.replace(hour=end)))
    assert reply in talk.reply
    assert talk.question == "ask_window"


def test_the_keypad_can_choose_a_new_time(talk, now):
    talk.presses("231")
    start = (now + timedelta(days=2)).replace(hour=9)
    assert talk.result.new_window == Window(start, start.replace(hour=12))


def test_a_guessed_half_of_the_day_is_said_aloud_before_it_counts(talk, now):
    start = (now + timedelta(days=1)).replace(hour=15)
    talk.says(Intent.RESCHEDULE, "三点", window=Window(start, None, certain=False))
    assert "明天下午三点以后,对吗" in talk.reply
    assert talk.result.new_window is None


def test_no_with_another_time_corrects_the_time(talk, now):
    tomorrow = now + timedelta(days=1)
    talk.says(Intent.RESCHEDULE, window=Window(tomorrow.replace(hour=9), tomorrow.replace(hour=12)))
    other = Window(tomorrow.replace(hour=18), tomorrow.replace(hour=20))
    talk.says(Intent.NO, "不对明天晚上", window=other)
    assert "晚上" in talk.reply
    assert talk.says(Intent.YES).result.new_window == other


def test_yes_within_the_promised_window_is_no_new_time(talk, facts):
    window = Window(facts.window_start.replace(hour=13), facts.window_end.replace(hour=18))
    talk.says(Intent.YES, "明天下午可以", window=window)
    assert talk.result.outcome is DialogOutcome.CONFIRMED


def test_yes_at_another_time_is_a_new_time(talk, facts):
    window = Window(facts.window_start.replace(hour=18), facts.window_end.replace(hour=20))
    talk.says(Intent.YES, "明天晚上可以", window=window)
    assert talk.question == "confirm_window"


def test_a_street_without_a_door_is_asked_for_the_door(talk):
    talk.says(Intent.CHANGE_ADDRESS, address=Address("和平路20号", complete=False))
    assert "门牌号" in talk.reply
    talk.says(Intent.TELL, "五零一", address=Address("501室", complete=False))
    assert talk.question == "confirm_address"
    assert talk.says(Intent.YES).result.new_address == Address("和平路20号501室", complete=True)


@pytest.mark.parametrize(
    ("first", "then", "together"),
    [
        ("和平路20号", "3单元501室", "和平路20号3单元501室"),
        ("和平路20号3单元501室", "502室", "和平路20号3单元502室"),
        ("和平路20号3单元501室", "2单元", "和平路20号2单元"),
    ],
)
def test_a_part_of_an_address_completes_or_corrects_the_rest(talk, first, then, together):
    talk.says(Intent.CHANGE_ADDRESS, address=Address(first, complete=True))
    talk.says(Intent.NO, f"不对{then}", address=Address(then, complete=False))
    assert talk.question == "confirm_address"
    assert talk.says(Intent.YES).result.new_address == Address(together, complete=True)


def test_an_address_denied_twice_goes_to_a_person_with_what_was_heard(talk):
    talk.says(Intent.CHANGE_ADDRESS)
    talk.says(Intent.TELL, address=Address("和平路20号301室", complete=True)).says(Intent.NO)
    talk.says(Intent.TELL, address=Address("和平路21号301室", complete=True)).says(Intent.NO)
    assert talk.result.outcome is DialogOutcome.CALLBACK_PROMISED
    assert talk.result.needs_person == "新地址没有听清"
    assert talk.result.notes["heard_address"] == "和平路21号301室"
    assert talk.result.new_address is None


def test_the_sound_of_an_address_and_of_a_consent_is_kept(talk):
    talk.says(Intent.CHANGE_ADDRESS, address=Address("和平路20号301室", complete=True))
    assert Keep("address") in talk.actions
    talk.says(Intent.HAND_OVER, hand_over=HandOver.LOCKER).says(Intent.YES, "同意")
    assert Keep("consent") in talk.actions


def test_a_key_has_no_sound_to_keep(talk):
    talk.presses("43").presses("1")
    assert talk.result.consent.words == "按键1"
    assert not any(isinstance(each, Keep) for each in talk.actions)


def test_a_doubtful_yes_is_no_consent(talk):
    talk.says(Intent.HAND_OVER, hand_over=HandOver.STATION).says(Intent.YES, confidence=0.2)
    assert talk.result.consent is None
    assert "确认清楚" in talk.reply
    assert talk.says(Intent.YES, "同意").result.consent is not None


def test_naming_the_place_again_agrees_to_it(talk):
    talk.says(Intent.HAND_OVER, hand_over=HandOver.STATION)
    talk.says(Intent.HAND_OVER, "对放驿站", hand_over=HandOver.STATION)
    assert talk.result.consent.words == "对放驿站"


def test_another_place_at_the_consent_question_is_asked_for_its_own_consent(talk):
    talk.says(Intent.HAND_OVER, hand_over=HandOver.STATION)
    talk.says(Intent.YES, also=(Intent.HAND_OVER,), hand_over=HandOver.DOORSTEP)
    assert "您家门口" in talk.reply
    assert not talk.is_over


def test_delivery_to_the_door_is_what_was_promised(talk):
    talk.says(Intent.HAND_OVER, "送上门吧", hand_over=HandOver.DOOR)
    assert talk.result.outcome is DialogOutcome.CONFIRMED


def test_delivery_to_the_door_when_nobody_is_home_needs_another_time(talk):
    assert talk.says(Intent.NOT_HOME).presses("1").question == "ask_window"


def test_wanting_no_more_calls_ends_every_call_at_once(talk):
    talk.says(Intent.CHANGE_ADDRESS).says(Intent.OPT_OUT, "别再打了")
    assert talk.result.outcome is DialogOutcome.OPTED_OUT


def test_a_doubtful_opt_out_is_asked_once(talk):
    talk.says(Intent.OPT_OUT, confidence=0.2)
    assert talk.question == "opt_out_check"
    assert talk.says(Intent.NO).question == "opening"


@pytest.mark.parametrize("key", ["9", "0"])
def test_nine_and_nought_work_at_every_question(call, key):
    for way in ("", "2", "21", "3", "4", "42"):
        talk = call().presses(way + key)
        wished = {"9": DialogOutcome.OPTED_OUT, "0": DialogOutcome.CALLBACK_PROMISED}[key]
        assert talk.result.outcome is wished


def test_the_right_number_after_all_comes_back_to_the_question(talk):
    assert "王小明" in talk.says(Intent.WRONG_NUMBER).reply
    talk.says(Intent.YES, "是我")
    assert talk.question == "opening"


def test_somebody_else_may_take_the_parcel_in(talk):
    talk.says(Intent.NOT_THE_RECIPIENT, "我是他老婆").says(Intent.YES, "可以")
    assert talk.result.outcome is DialogOutcome.CONFIRMED
    assert talk.result.notes["spoke_with"] == "third_party"


def test_somebody_else_may_not_decide_where_it_is_left(talk, facts):
    talk.says(Intent.NOT_THE_RECIPIENT)
    talk.says(Intent.HAND_OVER, hand_over=HandOver.DOORSTEP)
    assert talk.result.outcome is DialogOutcome.UNFINISHED
    assert talk.result.hand_over is None
    assert talk.result.call_again_at == facts.now + timedelta(hours=2)


def test_call_me_at_eight_says_when_to_call_again(talk, now):
    evening = now.replace(hour=20)
    talk.says(Intent.CALL_LATER, "晚上八点再打", window=Window(evening))
    assert talk.is_over
    assert talk.result.call_again_at == evening


def test_who_keeps_us_waiting_is_asked_once_whether_he_is_there(talk):
    talk.says(Intent.WAIT)
    assert talk.actions[-1].no_input_seconds == 30
    assert talk.stays_silent().reply == "喂,您还在吗?"
    assert talk.stays_silent().is_over
    assert not talk.result.finished


def test_an_answer_given_on_coming_back_counts_for_the_open_question(talk):
    talk.says(Intent.WAIT).says(Intent.NOT_HOME, "我不在家")
    assert talk.question == "options"


def test_a_refusal_can_be_taken_back(talk):
    assert talk.says(Intent.REFUSE).says(Intent.NO).question == "opening"


def test_a_voicemail_gets_one_message_and_an_announcement_gets_none(call):
    message = call().is_answered_by(Machine.VOICEMAIL)
    assert "自动语音助手" in message.reply
    assert call().is_answered_by(Machine.ANNOUNCEMENT).actions == (HangUp(),)


def test_a_call_out_of_time_ends_with_a_promise(talk):
    talk.says(Intent.CHANGE_ADDRESS).runs_out_of_time()
    assert talk.is_over
    assert talk.result.needs_person == "通话超时"


def test_the_goodbye_cannot_be_cut_off(talk):
    talk.says(Intent.YES)
    assert all(each.barge_in is BargeIn.NEVER for each in talk.actions if isinstance(each, Say))


def test_a_person_wanted_during_the_goodbye_keeps_what_was_settled(talk, now):
    talk.presses("221").says(Intent.PERSON, "转人工")
    assert talk.result.outcome is DialogOutcome.RESCHEDULED
    assert talk.result.new_window is not None
    assert talk.result.needs_person


def test_no_more_calls_wanted_during_the_goodbye_is_honoured(talk):
    talk.says(Intent.YES).says(Intent.OPT_OUT, "以后别打了")
    assert talk.result.outcome is DialogOutcome.OPTED_OUT
    assert talk.result.notes["settled_before"] == "confirmed"


def test_a_result_can_travel_to_another_process(talk):
    talk.presses("43").presses("1")
    assert pickle.loads(pickle.dumps(talk.result)) == talk.result


def test_sentences_known_beforehand_are_ready_to_be_spoken(flow, facts):
    texts = [say.text for say in all_prompts(flow, facts)]
    assert "您好,顺达快递自动语音助手。" in texts
    assert not any(char.isdigit() or char in "{}" for text in texts for char in text)
