"""Does a script fit pynn_brainscales? It installs from no registry, so the text is parsed and compared with recorded signatures."""

from __future__ import annotations

import ast
import json
from importlib import resources
from typing import Any


def recorded() -> dict[str, Any]:
    """The recorded signatures."""
    return json.loads(resources.files("elise_pynn.export").joinpath("brainscales2_api.json").read_text())


def check_calls(text: str, alias: str) -> list[str]:
    """What in a script does not fit the recorded signatures: names, numbers and names of arguments, parameters in dictionaries.

    Parameters
    ----------
    text : str
    alias : str
        The name under which the script knows pynn_brainscales.brainscales2.

    Returns
    -------
    list of str
        A sentence for each thing; empty when all fits.
    """
    api, tree = recorded(), ast.parse(text)
    wrong = []
    imported = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names if name.asname == alias]
    if imported != [api["module"]]:
        wrong.append(f"{alias} is imported from {imported}, not once from {api['module']}")
    constants = _constants(tree)
    called = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        path = _path(node.func)
        if path and path[0] == alias:
            called.add(id(node.func))
            name = ".".join(path[1:])
            signature = api["calls"].get(name)
            wrong += [f"line {node.lineno}: there is no {name}"] if signature is None else _arguments(node, name, signature, constants, api)
        elif node.func.attr in api["methods"]:
            wrong += _arguments(node, node.func.attr, api["methods"][node.func.attr], constants, api)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in called | inner and (path := _path(node)) and path[0] == alias:
            wrong.append(f"line {node.lineno}: {'.'.join(path[1:])} is used without being called")
    return wrong


def _path(node: ast.expr) -> list[str]:
    """Names of a dotted expression; none when it is no such expression."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (before := _path(node.value)):
        return [*before, node.attr]
    return []


def _constants(tree: ast.Module) -> dict[str, Any]:
    """Values of the names that a module sets to literals."""
    found: dict[str, Any] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values = node.value.elts if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) else [node.value]
            for name, value in zip(names, values, strict=True):
                if isinstance(name, ast.Name):
                    try:
                        found[name.id] = ast.literal_eval(value)
                    except ValueError:
                        pass
    return found


def _arguments(call: ast.Call, name: str, signature: dict[str, Any], constants: dict[str, Any], api: dict[str, Any]) -> list[str]:
    where, names = f"line {call.lineno}: {name}", signature["names"]
    positional = len(call.args)
    wrong = [f"{where} takes {len(names)} arguments, not {positional}"] if positional > len(names) else []
    given = set(names[:positional])
    for keyword in call.keywords:
        if keyword.arg is None:
            unpacked = _unpacked(keyword.value, constants)
            if unpacked is None:
                wrong.append(f"{where} is given arguments that cannot be read")
                continue
            given |= set(unpacked)
            for key, value in unpacked.items():
                low, high = signature.get("ranges", {}).get(key, (value, value))
                if not low <= value <= high:
                    wrong.append(f"{where}: {key} = {value} is outside {low} to {high}")
        else:
            if keyword.arg in given:
                wrong.append(f"{where} is given {keyword.arg} twice")
            given.add(keyword.arg)
            allowed = api["strings"].get(keyword.arg)
            if allowed and isinstance(keyword.value, ast.Constant) and keyword.value.value not in allowed:
                wrong.append(f"{where}: {keyword.arg} = {keyword.value.value!r} is none of {', '.join(allowed)}")
    wrong += [f"{where} has no argument {other}" for other in sorted(given - set(names))]
    wrong += [f"{where} lacks {other}" for other in names[: signature["required"]] if other not in given]
    return wrong


def _unpacked(node: ast.expr, constants: dict[str, Any]) -> dict[str, Any] | None:
    """The dictionary that is unpacked: a constant of the module, or a function of one that keeps its keys."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        node = node.args[0]
    value = constants.get(node.id) if isinstance(node, ast.Name) else None
    return value if isinstance(value, dict) else None
