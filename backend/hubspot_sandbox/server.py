"""The web server: every endpoint in one list.

What surrounds each of HubSpot's is `passage`; the control API and the front page meet nothing of it.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubspot_sandbox import app_routes, control, crm_routes, errors, front, guard
from hubspot_sandbox.exchange import Answer, Refused
from hubspot_sandbox.passage import View, call_of, endpoint_view, response_of
from hubspot_sandbox.sandbox import Sandbox


def application(sandbox: Sandbox) -> Starlette:
    served = crm_routes.ENDPOINTS + app_routes.ENDPOINTS
    sandbox.faults.families = {each.name: each.families for each in served}
    routes = [Route(each.path, endpoint_view(sandbox, each), methods=[each.method]) for each in served]
    steering = control.ROUTES + front.ROUTES
    routes += [Route(path, _steering_view(sandbox, handler), methods=[method]) for method, path, handler in steering]
    return Starlette(routes=routes, exception_handlers={404: _unknown_path})


def _steering_view(sandbox: Sandbox, handler: guard.Steering) -> View:
    async def view(request: Request) -> Response:
        body = await request.body()
        objection = guard.objection(request, from_anywhere=sandbox.options.control_from_anywhere)
        if objection is not None:
            return response_of(errors.envelope(403, objection).answer)
        try:
            answer = handler(sandbox, call_of(request, body))
            return response_of(answer if isinstance(answer, Answer) else await answer)
        except Refused as refused:
            return response_of(refused.answer)

    return view


async def _unknown_path(_request: Request, _error: Exception) -> Response:
    return response_of(errors.not_found().answer)
