"""Every text that a form of any service declares is of a type that refuses or drops what no text may hold, whatever route it is of."""

from __future__ import annotations

from importlib import import_module

import pytest
from fastapi.dependencies.models import Dependant

from deploy.supervisor import SERVICES
from shared.settings import Settings
from shared.text import has_forbidden
from tests.hostile import service_routes

HOSTILE = ("a\x00b", "a\x1b[31mb", "a\u202eb\u202c", "a\u2067b\u2069", "a\ufffeb", "a\x85b", "a\ud800b")
LISTS = frozenset({"item", "seen"})
# Compared as digests or by an authenticator, shown and stored nowhere.
SECRETS = frozenset({"password", "current", "new", "again", "code", "factor_current", "factor_code", "confirmed"})


def find_fields(dependant: Dependant):
    """Yield the fields of forms of a route, those of what it depends on too."""
    yield from dependant.body_params
    for dependency in dependant.dependencies:
        yield from find_fields(dependency)


def is_taken(field, value):
    """Whether a value is taken with what no text may hold; a list where the field is one."""
    given = [value] if field.alias in LISTS else value
    result, errors = field.validate(given, {}, loc=("body",))
    return not errors and any(has_forbidden(text) for text in (result if isinstance(result, list) else [str(result)]))


@pytest.mark.parametrize("service", SERVICES)
def test_no_form_takes_what_no_text_may_hold(service):
    app = import_module(f"services.{service}.app").create_app(Settings())
    fields = [(route.path, field) for route in service_routes(app) for field in find_fields(route.dependant)]

    taken = {(path, field.alias) for path, field in fields for value in HOSTILE if is_taken(field, value)}

    assert {field.alias for _, field in fields} >= {"name", "password"}
    assert {(path, name) for path, name in taken if name not in SECRETS} == set()
    assert taken, "a password is compared as it was typed, so the walk finds it"
