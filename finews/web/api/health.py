"""`/healthz`: for whoever restarts a server that does not answer."""

from fastapi import APIRouter, Response

from finews.web.api.answers import dumped
from finews.web.api.catalogue_models import Health
from finews.web.depends import TheEngine
from pipelines.store import queries

router = APIRouter()


@router.get("/healthz", response_model=Health)
def get_health(engine: TheEngine) -> Response:
    """Tell whether the server and its database answer."""
    queries.newest_change(engine)
    return Response(dumped({"status": "ok"}), media_type="application/json")
