"""The desk: who sits there, and who waited for a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from console.api import showing_desk as showing
from console.api.asking import Store
from console.api.call_schemas import Agent, AgentList, AgentQuery, Transfer, TransferQuery
from console.api.paging import Page, cursor_at, id_at, page_of
from console.api.problems import nothing_here
from console.api.words import Id
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.desk_queries import agent, agents, transfer
from store.errors import DeskError
from store.feed_queries import transfers_before

router = APIRouter(tags=["desk"])

Sees = Annotated[Viewer, Depends(may(Permission.SEE_BOARD))]


@router.get("/agents")
def list_agents(_viewer: Sees, store: Store, wanted: Annotated[AgentQuery, Query()]) -> AgentList:
    """List everybody who ever sat at the desk, by name."""
    with store.reading() as session:
        rows = agents(session)
    shown = (showing.agent(each) for each in rows if wanted.state in (None, each.state))
    return AgentList(items=list(shown))


@router.get("/agents/{user_id:int}")
def get_agent(_viewer: Sees, store: Store, user_id: Id) -> Agent:
    """Return one of them."""
    with store.reading() as session:
        row = agent(session, user_id)
    if row is None:
        raise nothing_here(f"agent {user_id}")
    return showing.agent(row)


@router.get("/transfers")
def list_transfers(
    _viewer: Sees, store: Store, wanted: Annotated[TransferQuery, Query()]
) -> Page[Transfer]:
    """List customers' wishes for a person, the newest first."""
    with store.reading() as session:
        rows = transfers_before(session, id_at(wanted.cursor), wanted.limit + 1, wanted.status)
    shown = [showing.transfer(each) for each in rows[: wanted.limit]]
    return page_of(shown, cursor_at(shown[-1].id) if len(rows) > wanted.limit else None)


@router.get("/transfers/{transfer_id:int}")
def get_transfer(_viewer: Sees, store: Store, transfer_id: Id) -> Transfer:
    """Return one of them; its brief is shown at the desk only."""
    with store.reading() as session:
        try:
            return showing.transfer(transfer(session, transfer_id))
        except DeskError as error:
            raise nothing_here(f"transfer {transfer_id}") from error
