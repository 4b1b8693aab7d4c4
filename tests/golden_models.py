"""The golden module of models; run this file to write it anew."""

from __future__ import annotations

from pathlib import Path

from model_support import module_for

from opgen import coretypes
from opgen.ir.schema import CoreRef, Schema, ValidationRule, Value

EXPECTED = Path(__file__).parent / "golden" / "models" / "expected" / "memcached.py"


def generated() -> str:
    """The models of a schema that has one of everything."""
    template = coretypes.lookup(CoreRef("core/v1", "PodTemplateSpec"))
    condition = coretypes.lookup(CoreRef("meta/v1", "Condition"))
    assert template is not None
    assert condition is not None
    tls = Schema(
        type="object",
        description="How clients are answered.",
        properties={
            "secretName": Schema(type="string", min_length=1, description="A Secret of the namespace."),
            "mode": Schema(type="string", enum=(Value("strict"), Value("lax")), default=Value("strict")),
        },
        required=("secretName",),
    )
    backup = Schema(
        type="object",
        description="Where copies go.",
        properties={
            "bucket": Schema(type="string", min_length=1),
            "volume": Schema(type="object", properties={"claimName": Schema(type="string")}),
            "keep": Schema(type="integer", format="int32", default=Value(3)),
        },
        one_of=(Schema(required=("bucket",)), Schema(required=("volume",))),
    )
    rule = "self.type == 'Disk' ? has(self.disk) : !has(self.disk)"
    storage = Schema(
        type="object",
        properties={
            "disk": Schema(type="object", properties={"path": Schema(type="string")}, required=("path",)),
            "type": Schema(
                type="string", enum=(Value("Disk"), Value("Memory"), Value("None")), default=Value("Memory")
            ),
        },
        x_validations=(ValidationRule(rule),),
    )
    spec = Schema(
        type="object",
        description="MemcachedSpec defines the desired state of a Memcached.",
        properties={
            "size": Schema(
                type="integer", format="int32", minimum=1, default=Value(1), description="Number of members."
            ),
            "class": Schema(type="string", description="Deprecated: has no effect."),
            "externalIPs": Schema(type="array", items=Schema(type="string", max_length=45), max_items=3),
            "memory": Schema(x_int_or_string=True, description="A quantity.\n\nHalf of it is for keys."),
            "paused": Schema(type="boolean", nullable=True),
            "ratio": Schema(type="number", enum=(Value(0.5), Value(1))),
            "backup": backup,
            "storage": storage,
            "template": template,
            "tls": tls,
        },
        required=("memory",),
    )
    status = Schema(
        type="object",
        properties={
            "conditions": Schema(type="array", items=condition, x_list_type="map", x_list_map_keys=("type",)),
            "observedGeneration": Schema(type="integer", format="int64"),
        },
    )
    return module_for(spec, "Memcached", status=status).source


if __name__ == "__main__":
    EXPECTED.parent.mkdir(parents=True, exist_ok=True)
    EXPECTED.write_text(generated(), encoding="utf-8")
