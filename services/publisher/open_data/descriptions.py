"""Descriptions of the open data for programs: Data Package, CSVW, DCAT-AP 3 and the fields of a Chinese catalogue."""

from __future__ import annotations

from typing import Any

from services.publisher.open_data.snapshot import Snapshot
from services.publisher.open_data.tables import TABLES, Column, ColumnType, Table
from shared.web.site import Site

BASE = "/open-data"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
EU = "http://publications.europa.eu/resource/authority"
MEDIA = "https://www.iana.org/assignments/media-types"
FORMATS = {"csv": "CSV", "jsonl": "JSON", "xlsx": "XLSX", "parquet": "PARQUET"}
# Codes of catalogue products: open without conditions; every day; types of items; structured files.
OPEN_UNCONDITIONALLY, EVERY_DAY, STRUCTURED = "1", "2", "0100"
CHINESE_TYPES = {
    ColumnType.STRING: "C",
    ColumnType.INTEGER: "N",
    ColumnType.DATE: "D",
    ColumnType.DATETIME: "T",
}
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "adms": "http://www.w3.org/ns/adms#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


def datapackage(snapshot: Snapshot, site: Site) -> dict[str, Any]:
    """Return the Data Package: a tabular resource for each CSV file."""
    return {
        "profile": "tabular-data-package",
        "name": "gongshi-open-data",
        "title": f"{site.bureau_zh}消费投诉公示开放数据",
        "homepage": site.permalink(f"{BASE}/"),
        "created": snapshot.created_at.isoformat(),
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE, "title": "Creative Commons Attribution 4.0"}],
        "resources": [_resource(snapshot, table) for table in TABLES],
    }


def _resource(snapshot: Snapshot, table: Table) -> dict[str, Any]:
    file = snapshot.file(f"{table.name}.csv") or {}
    return {
        "profile": "tabular-data-resource", "name": table.name, "title": table.zh, "description": table.summary_zh,
        "path": f"{table.name}.csv", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8-sig",
        "bytes": file["bytes"], "hash": f"sha256:{file['sha256']}",
        "schema": {
            "fields": [
                {"name": column.name, "title": column.zh, "type": column.type.value, **_format(column)}
                for column in table.columns
            ],
            "primaryKey": [table.key], "missingValues": [""],
        },
    }  # fmt: skip


def _format(column: Column) -> dict[str, str]:
    return {"format": "any"} if column.type is ColumnType.DATETIME else {}


def csvw(site: Site) -> dict[str, Any]:
    """Return the metadata of CSV on the Web: a table for each CSV file."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "zh"}],
        "dct:publisher": site.bureau_zh,
        "dct:license": {"@id": LICENCE},
        "tables": [
            {
                "url": f"{table.name}.csv",
                "dct:title": table.zh,
                "dct:description": table.summary_zh,
                "dialect": {"encoding": "utf-8", "header": True},
                "tableSchema": {
                    "primaryKey": table.key,
                    "columns": [
                        {
                            "name": column.name,
                            "titles": column.name,
                            "dct:title": column.zh,
                            "datatype": "dateTimeStamp" if column.type is ColumnType.DATETIME else column.type.value,
                        }
                        for column in table.columns
                    ],
                },
            }
            for table in TABLES
        ],
    }


def catalog(snapshot: Snapshot, site: Site) -> dict[str, Any]:
    """Return the catalogue by DCAT-AP 3 as JSON-LD."""
    publisher = {
        "@id": site.permalink("/about"), "@type": "foaf:Agent",
        "foaf:name": [_text(site.bureau_zh, "zh"), _text(site.bureau_en, "en")],
    }  # fmt: skip
    created = {"@type": "xsd:dateTime", "@value": snapshot.created_at.isoformat()}
    titles = ("消费投诉公示开放数据", "Open data on publicised consumer complaints")
    return {
        "@context": CONTEXT,
        "@id": site.permalink(f"{BASE}/catalog.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": [_text(titles[0], "zh"), _text(titles[1], "en")],
        "dct:description": [_text(f"{site.bureau_zh}公示的消费投诉信息和数据", "zh"), _text(titles[1], "en")],
        "dct:publisher": publisher,
        "dct:license": _document(LICENCE, "dct:LicenseDocument"),
        "dct:language": _document(f"{EU}/language/ZHO", "dct:LinguisticSystem"),
        "dct:modified": created,
        "foaf:homepage": _document(site.permalink("/"), "foaf:Document"),
        "dcat:dataset": [_dataset(snapshot, site, table, publisher, created) for table in TABLES],
    }


def _dataset(
    snapshot: Snapshot, site: Site, table: Table, publisher: dict[str, Any], created: dict[str, str]
) -> dict[str, Any]:
    files = [each for each in snapshot.manifest["files"] if each["table"] == table.name]
    return {
        "@id": site.permalink(f"{BASE}/#{table.name}"),
        "@type": "dcat:Dataset",
        "dct:title": [_text(table.zh, "zh"), _text(table.en, "en")],
        "dct:description": [_text(table.summary_zh, "zh"), _text(table.summary_en, "en")],
        "dct:identifier": f"gongshi-{table.name}",
        "dct:publisher": {"@id": publisher["@id"]},
        "dct:modified": created,
        "dct:accrualPeriodicity": _document(f"{EU}/frequency/DAILY", "dct:Frequency"),
        "dcat:keyword": [_text("消费投诉", "zh"), _text("消费者权益保护", "zh"), _text("consumer complaints", "en")],
        "dcat:theme": {**_document(f"{EU}/data-theme/GOVE", "skos:Concept"), "skos:prefLabel": _text("Government", "en")},
        "dcat:distribution": [_distribution(site, file) for file in files],
    }


def _distribution(site: Site, file: dict[str, Any]) -> dict[str, Any]:
    address = site.permalink(f"{BASE}/{file['name']}")
    extension = file["name"].rpartition(".")[2]
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": _text(file["name"], "zh"),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": _document(f"{MEDIA}/{file['media_type'].partition(';')[0]}", "dct:MediaType"),
        "dct:format": _document(f"{EU}/file-type/{FORMATS[extension]}", "dct:MediaTypeOrExtent"),
        "dct:license": _document(LICENCE, "dct:LicenseDocument"),
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file["bytes"])},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": _document("http://spdx.org/rdf/terms#checksumAlgorithm_sha256", "spdx:ChecksumAlgorithm"),
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file["sha256"]},
        },
    }


def chinese_catalog(snapshot: Snapshot, site: Site) -> dict[str, Any]:
    """Return the resources by the core metadata of 《政务信息资源目录编制指南（试行）》 and codes of products."""
    return {
        "resources": [
            {
                "信息资源分类": "3/1/消费投诉公示",
                "信息资源名称": table.zh,
                "信息资源代码": f"gongshi-{table.name}",
                "信息资源提供方": site.bureau_zh,
                "信息资源提供方代码": site.footer.site_code,
                "信息资源摘要": table.summary_zh,
                "信息资源格式": STRUCTURED,
                "共享类型": "无条件共享",
                "共享方式": "文件下载、数据接口",
                "是否向社会开放": "是",
                "开放类型": OPEN_UNCONDITIONALLY,
                "开放条件": "署名",
                "更新周期": EVERY_DAY,
                "发布日期": snapshot.created_at.astimezone(site.zone).date().isoformat(),
                "关联资源代码": "",
                "信息项": [
                    {"title": column.zh, "english_name": column.name, "item_type": CHINESE_TYPES[column.type], "note": ""}
                    for column in table.columns
                ],
            }
            for table in TABLES
        ]
    }


def _text(text: str, language: str) -> dict[str, str]:
    return {"@value": text, "@language": language}


def _document(address: str, kind: str) -> dict[str, str]:
    return {"@id": address, "@type": kind}
