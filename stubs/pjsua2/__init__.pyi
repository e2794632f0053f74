# The part of pjsua2 that Menling uses.
from collections.abc import Iterable, Iterator, Sequence

PJMEDIA_FILE_NO_LOOP: int
PJMEDIA_FORMAT_PCM: int
PJMEDIA_FRAME_TYPE_AUDIO: int
PJMEDIA_SRTP_DISABLED: int
PJMEDIA_SRTP_MANDATORY: int
PJMEDIA_SRTP_OPTIONAL: int
PJMEDIA_TYPE_AUDIO: int
PJSIP_EVENT_RX_MSG: int
PJSIP_EVENT_TSX_STATE: int
PJSIP_INV_STATE_CONFIRMED: int
PJSIP_INV_STATE_DISCONNECTED: int
PJSIP_INV_STATE_EARLY: int
PJSIP_REDIRECT_STOP: int
PJSIP_TLSV1_2_METHOD: int
PJSIP_TP_STATE_CONNECTED: int
PJSIP_TRANSPORT_TCP: int
PJSIP_TRANSPORT_TLS: int
PJSIP_TRANSPORT_UDP: int
PJSUA_CALL_MEDIA_ACTIVE: int
PJSUA_CALL_MEDIA_REMOTE_HOLD: int
PJSUA_SIP_TIMER_OPTIONAL: int
PJ_SSL_CERT_EIDENTITY_NOT_MATCH: int

class Error(Exception):
    status: int
    reason: str
    def info(self, multi_line: bool = ...) -> str: ...

class LogConfig:
    level: int
    consoleLevel: int
    filename: str

class UaConfig:
    maxCalls: int
    threadCnt: int
    mainThreadOnly: bool
    userAgent: str

class MediaConfig:
    clockRate: int
    sndClockRate: int
    audioFramePtime: int
    ecTailLen: int
    noVad: bool
    threadCnt: int
    hasIoqueue: bool
    sndAutoCloseTime: int

class EpConfig:
    logConfig: LogConfig
    uaConfig: UaConfig
    medConfig: MediaConfig

class TlsConfig:
    CaListFile: str
    method: int
    msecTimeout: int
    verifyServer: bool

class TransportConfig:
    port: int
    portRange: int
    boundAddress: str
    tlsConfig: TlsConfig

class SslCertName:
    type: int
    name: str

class SslCertNameVector:
    def __iter__(self) -> Iterator[SslCertName]: ...

class SslCertInfo:
    subjectAltName: SslCertNameVector

class TlsInfo:
    remoteAddr: str
    remoteCertInfo: SslCertInfo
    verifyMsgs: StringVector
    verifyStatus: int

class OnTransportStateParam:
    hnd: int
    state: int
    tlsInfo: TlsInfo
    type: str

class TransportInfo:
    localName: str

class CodecInfo:
    codecId: str

class AudDevManager:
    def setNullDev(self) -> None: ...
    def setNoDev(self) -> None: ...

class Endpoint:
    def libCreate(self) -> None: ...
    def libInit(self, config: EpConfig) -> None: ...
    def libStart(self) -> None: ...
    def libHandleEvents(self, milliseconds: int) -> int: ...
    def transportCreate(self, kind: int, config: TransportConfig) -> int: ...
    def transportGetInfo(self, transport: int) -> TransportInfo: ...
    def transportShutdown(self, transport: int) -> None: ...
    def onTransportState(self, parameters: OnTransportStateParam) -> None: ...
    def audDevManager(self) -> AudDevManager: ...
    def codecEnum2(self) -> Iterable[CodecInfo]: ...
    def codecSetPriority(self, codec: str, priority: int) -> None: ...

class AuthCredInfo:
    def __init__(self, scheme: str, realm: str, user: str, kind: int, data: str) -> None: ...

class AuthCredInfoVector:
    def push_back(self, credentials: AuthCredInfo) -> None: ...

class AccountRegConfig:
    firstRetryIntervalSec: int
    registerOnAdd: bool
    registrarUri: str
    retryIntervalSec: int
    timeoutSec: int

class AccountSipConfig:
    authCreds: AuthCredInfoVector
    proxies: StringVector
    transportId: int

class AccountCallConfig:
    timerUse: int

class AccountMediaConfig:
    srtpSecureSignaling: int
    srtpUse: int
    transportConfig: TransportConfig

class AccountConfig:
    idUri: str
    regConfig: AccountRegConfig
    sipConfig: AccountSipConfig
    callConfig: AccountCallConfig
    mediaConfig: AccountMediaConfig

class OnIncomingCallParam:
    callId: int
    rdata: SipRxData

class OnRegStateParam:
    code: int
    expiration: int
    reason: str

class Account:
    def create(self, config: AccountConfig) -> None: ...
    def setRegistration(self, renew: bool) -> None: ...
    def onRegState(self, parameters: OnRegStateParam) -> None: ...
    def onIncomingCall(self, parameters: OnIncomingCallParam) -> None: ...

class SipHeader:
    hName: str
    hValue: str

class SipHeaderVector:
    def push_back(self, header: SipHeader) -> None: ...

class SipTxOption:
    localUri: str
    headers: SipHeaderVector

class CallSetting:
    customCallId: str

class CallOpParam:
    opt: CallSetting
    statusCode: int
    txOption: SipTxOption
    def __init__(self, use_default_call_setting: bool = ...) -> None: ...

class SipRxData:
    srcAddress: str
    wholeMsg: str

class TsxStateEventSrc:
    rdata: SipRxData

class TsxStateEvent:
    type: int
    src: TsxStateEventSrc

class SipEventBody:
    tsxState: TsxStateEvent

class SipEvent:
    type: int
    body: SipEventBody

class OnCallStateParam:
    e: SipEvent

class OnCallMediaStateParam: ...

class OnCallRedirectedParam:
    targetUri: str

class OnDtmfDigitParam:
    digit: str

class CallMediaInfo:
    type: int
    status: int
    index: int

class CallMediaInfoVector:
    def __iter__(self) -> Iterator[CallMediaInfo]: ...

class CallInfo:
    remoteUri: str
    state: int
    lastStatusCode: int
    lastReason: str
    media: CallMediaInfoVector

class RtcpStreamStat:
    pkt: int
    loss: int

class RtcpStat:
    txStat: RtcpStreamStat
    rxStat: RtcpStreamStat

class StreamStat:
    rtcp: RtcpStat

class Call:
    def __init__(self, account: Account, call_id: int = ...) -> None: ...
    def makeCall(self, uri: str, parameters: CallOpParam) -> None: ...
    def answer(self, parameters: CallOpParam) -> None: ...
    def hangup(self, parameters: CallOpParam) -> None: ...
    def getInfo(self) -> CallInfo: ...
    def getAudioMedia(self, index: int) -> AudioMedia: ...
    def getStreamStat(self, index: int) -> StreamStat: ...
    def onCallState(self, parameters: OnCallStateParam) -> None: ...
    def onCallMediaState(self, parameters: OnCallMediaStateParam) -> None: ...
    def onCallRedirected(self, parameters: OnCallRedirectedParam) -> int: ...
    def onDtmfDigit(self, parameters: OnDtmfDigitParam) -> None: ...

class ByteVector:
    def __init__(self, items: Sequence[int] = ...) -> None: ...
    def __iter__(self) -> Iterator[int]: ...

class MediaFrame:
    buf: ByteVector
    size: int
    type: int

class MediaFormatAudio:
    def init(
        self, format_id: int, clock_rate: int, channels: int, frame_usec: int, bits: int
    ) -> None: ...

class AudioMedia:
    def startTransmit(self, sink: AudioMedia) -> None: ...
    def stopTransmit(self, sink: AudioMedia) -> None: ...
    def getPortId(self) -> int: ...

class AudioMediaPort(AudioMedia):
    def __init__(self) -> None: ...
    def createPort(self, name: str, media_format: MediaFormatAudio) -> None: ...
    def onFrameRequested(self, frame: MediaFrame) -> None: ...
    def onFrameReceived(self, frame: MediaFrame) -> None: ...

class StringVector:
    def __init__(self, items: Sequence[str] = ...) -> None: ...
    def __iter__(self) -> Iterator[str]: ...
    def push_back(self, item: str) -> None: ...

class AudioMediaPlayer(AudioMedia):
    def __init__(self) -> None: ...
    def createPlaylist(self, files: StringVector, label: str, options: int = ...) -> None: ...
