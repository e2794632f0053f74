from smpplib.client import Client
from smpplib.pdu import PDU

def make_pdu(command_name: str, *, client: Client | None = ..., **kwargs: object) -> PDU: ...
