"""Keep the security master in step with the table of changed codes.

The table grows when an exchange changes codes. Two securities that turn out to be one become one.
"""

from sqlalchemy import Connection, delete, insert, select, update

from pipelines.code_changes import dated_symbols
from pipelines.store.lookups import alias_rows
from pipelines.store.models import Mention, Security, SecurityAlias


def rebuild_aliases(connection: Connection) -> None:
    """Write all aliases anew, uniting the securities of a chain of codes under the newest."""
    query = select(Security.symbol, Security.id).where(Security.symbol.is_not(None))
    rows = connection.execute(query.order_by(Security.id)).all()
    ids = {symbol: number for symbol, number in rows if symbol}
    connection.execute(delete(SecurityAlias))
    kept: dict[str, int] = {}
    for symbol, number in ids.items():
        newest = dated_symbols(symbol)[-1].symbol
        if newest in kept:
            _unite(connection, number, kept[newest])
        else:
            kept[newest] = ids.get(newest, number)
            if kept[newest] != number:
                _unite(connection, number, kept[newest])
    for newest, number in kept.items():
        named = update(Security).where(Security.id == number, Security.key != newest)
        connection.execute(named.values(key=newest, symbol=newest))
    aliases = [row for newest, number in kept.items() for row in alias_rows(newest, number)]
    if aliases:
        connection.execute(insert(SecurityAlias), aliases)


def _unite(connection: Connection, gone: int, kept: int) -> None:
    """Let the mentions of one row point to the other."""
    if gone == kept:
        return
    moved = update(Mention).where(Mention.security_id == gone)
    connection.execute(moved.values(security_id=kept))
    connection.execute(delete(Security).where(Security.id == gone))
