"""What makes a file unreadable as a whole: a code for each, and what it is and what to do in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.errors import PermanentError


class FaultTexts(NamedTuple):
    """Templates of a fault's text, with the names of its values in braces."""

    en: str
    zh: str


_SAVE_EN, _SAVE_ZH = "open it in Excel or WPS and save it as .xlsx", "请用Excel或WPS打开，另存为.xlsx"
_ASK_EN, _ASK_ZH = "ask for the list as .xlsx or .csv", "请索取.xlsx或.csv格式的清单"
_COPY_EN, _COPY_ZH = "copy its table into a spreadsheet and save that as .xlsx", "请把表格复制到电子表格中，保存为.xlsx"
_UNPACK_EN, _UNPACK_ZH = "unpack it first", "请先解压"
_LIST_EN, _LIST_ZH = "save the list as .xlsx or .csv", "请把清单保存为.xlsx或.csv"
_COLUMNS_EN = "Name its columns in a mapping and give that with --mapping."
_COLUMNS_ZH = "请在对应表中写明各列，并用--mapping指定。"

FAULTS: Mapping[str, FaultTexts] = {
    "no_file": FaultTexts("{file} is no file", "{file}不是文件"),
    "empty_file": FaultTexts("{file} is empty", "{file}是空文件"),
    "pdf": FaultTexts(f"{{file}} is a PDF document: {_ASK_EN}", f"{{file}}是PDF文档：{_ASK_ZH}"),
    "picture": FaultTexts(f"{{file}} is a picture: {_ASK_EN}", f"{{file}}是图片：{_ASK_ZH}"),
    "rar": FaultTexts(f"{{file}} is a RAR archive: {_UNPACK_EN}", f"{{file}}是RAR压缩包：{_UNPACK_ZH}"),
    "seven_zip": FaultTexts(f"{{file}} is a 7-Zip archive: {_UNPACK_EN}", f"{{file}}是7-Zip压缩包：{_UNPACK_ZH}"),
    "gzip": FaultTexts(f"{{file}} is a gzip archive: {_UNPACK_EN}", f"{{file}}是gzip压缩包：{_UNPACK_ZH}"),
    "zip": FaultTexts(f"{{file}} is a ZIP archive: {_UNPACK_EN}", f"{{file}}是ZIP压缩包：{_UNPACK_ZH}"),
    "sqlite": FaultTexts("{file} is a SQLite database: export the table as .csv", "{file}是SQLite数据库：请把表导出为.csv"),
    "rtf": FaultTexts(f"{{file}} is an RTF document: {_COPY_EN}", f"{{file}}是RTF文档：{_COPY_ZH}"),
    "word": FaultTexts(f"{{file}} is a Word document: {_COPY_EN}", f"{{file}}是Word文档：{_COPY_ZH}"),
    "sylk": FaultTexts(f"{{file}} is a SYLK table: {_SAVE_EN}", f"{{file}}是SYLK表格：{_SAVE_ZH}"),
    "web_archive": FaultTexts(f"{{file}} is a web archive: {_SAVE_EN}", f"{{file}}是网页存档：{_SAVE_ZH}"),
    "excel_2": FaultTexts(f"{{file}} is a sheet of Excel 2: {_SAVE_EN}", f"{{file}}是Excel 2的工作表：{_SAVE_ZH}"),
    "excel_3": FaultTexts(f"{{file}} is a sheet of Excel 3: {_SAVE_EN}", f"{{file}}是Excel 3的工作表：{_SAVE_ZH}"),
    "excel_4": FaultTexts(f"{{file}} is a sheet of Excel 4: {_SAVE_EN}", f"{{file}}是Excel 4的工作表：{_SAVE_ZH}"),
    "excel_5": FaultTexts(f"{{file}} is a workbook of Excel 5 or 95: {_SAVE_EN}", f"{{file}}是Excel 5或95的工作簿：{_SAVE_ZH}"),
    "dbase": FaultTexts(f"{{file}} is a dBase table: {_SAVE_EN}", f"{{file}}是dBase表：{_SAVE_ZH}"),
    "xlsb": FaultTexts(f"{{file}} is a binary workbook (.xlsb): {_SAVE_EN}", f"{{file}}是二进制工作簿（.xlsb）：{_SAVE_ZH}"),
    "ods": FaultTexts(f"{{file}} is an OpenDocument file (.ods): {_SAVE_EN}", f"{{file}}是OpenDocument表格：{_SAVE_ZH}"),
    "xml": FaultTexts(f"{{file}} is XML, but no spreadsheet: {_ASK_EN}", f"{{file}}是XML，但不是电子表格：{_ASK_ZH}"),
    "json_array": FaultTexts(
        "{file} is one JSON array: write one report a line, without brackets and commas around them",
        "{file}是一个JSON数组：请每行写一件，不加方括号和逗号",
    ),
    "json_document": FaultTexts(
        "{file} is one JSON document over several lines: write one report a line",
        "{file}是跨多行的一个JSON文档：请每行写一件",
    ),
    "not_a_table": FaultTexts(f"{{file}} is no spreadsheet: {_LIST_EN}", f"{{file}}不是电子表格：{_LIST_ZH}"),
    "no_text": FaultTexts(f"{{file}} is no text: {_LIST_EN}", f"{{file}}不是文本：{_LIST_ZH}"),
    "unknown_encoding": FaultTexts(
        "{file} is neither UTF-8 nor GB18030 (perhaps Big5): open it in its own program and save it as UTF-8",
        "{file}既不是UTF-8也不是GB18030（可能是Big5）：请用原来的软件打开，另存为UTF-8",
    ),
    "page_without_table": FaultTexts(
        f"{{file}} is a web page without a table: {_LIST_EN}", f"{{file}}是没有表格的网页：{_LIST_ZH}"
    ),
    "password": FaultTexts("{file} is protected by a password: save it without one", "{file}有密码保护：请去掉密码后保存"),
    "damaged_archive": FaultTexts(f"{{file}} is cut off or damaged: {_SAVE_EN} again", f"{{file}}不完整或已损坏：{_SAVE_ZH}"),
    "damaged_xlsx": FaultTexts(
        "{file} is a damaged XLSX file: open it in Excel or WPS and save it again",
        "{file}是已损坏的XLSX文件：请用Excel或WPS打开，重新保存",
    ),
    "damaged_xls": FaultTexts(f"{{file}} is a damaged XLS file: {_SAVE_EN}", f"{{file}}是已损坏的XLS文件：{_SAVE_ZH}"),
    "damaged_xml": FaultTexts(f"{{file}} is a damaged XML spreadsheet: {_SAVE_EN}", f"{{file}}是已损坏的XML表格：{_SAVE_ZH}"),
    "too_large": FaultTexts("{file} has more than {limit} MiB: save it as .xlsx", "{file}超过{limit}MiB：请另存为.xlsx"),
    "unpacks_too_large": FaultTexts(
        "{file} unpacks to more than {limit} MiB: split it", "{file}解压后超过{limit}MiB：请拆分为多个文件"
    ),
    "too_many_texts": FaultTexts(
        "{file} has more than {limit:,} different texts: split it", "{file}有超过{limit:,}种不同的文字：请拆分为多个文件"
    ),
    "too_many_merged_cells": FaultTexts(
        "{file} has more than {limit:,} merged cells: unmerge them", "{file}有超过{limit:,}处合并单元格：请取消合并"
    ),
    "no_rows": FaultTexts("{file} has no rows: {notes}", "{file}没有数据行：请检查工作表是否为空或者被隐藏"),
    "doubled_heading": FaultTexts(
        "{file}: the heading {heading} stands above columns {columns}: rename one of them",
        "{file}：表头“{heading}”重复（{columns}列）：请改名其中一列",
    ),
    "no_export_day": FaultTexts(
        "{file} does not say on which day it was exported: say it with --exported-on 2026-10-31",
        "{file}没有写明导出日期：请用--exported-on 2026-10-31指定",
    ),
    "no_headings": FaultTexts(
        f"the file has no column {{missing}}; its first row is {{first}}. {_COLUMNS_EN}",
        f"文件缺少列：{{missing}}；第一行是：{{first}}。{_COLUMNS_ZH}",
    ),
    "missing_columns": FaultTexts(
        f"the file has no column {{missing}}; it has {{headings}}. {_COLUMNS_EN}",
        f"文件缺少列：{{missing}}；现有列：{{headings}}。{_COLUMNS_ZH}",
    ),
    "no_sheet": FaultTexts(
        "the file has no sheet {name}{nearest}; it has {sheets}. Correct `sheets` in the mapping.",
        "文件没有工作表“{name}”，现有：{sheets}。请更正对应表中的`sheets`。",
    ),
    "misspelt_column": FaultTexts(
        "the file has no column {heading}, but one called {similar}: did you mean that? "
        "Correct the mapping, or list {similar} there under `ignored`.",
        "文件没有“{heading}”列，但有“{similar}”列：是否写错？请更正对应表，或在其中把“{similar}”列入`ignored`。",
    ),
    "bad_mapping": FaultTexts("{file}: {findings}", "对应表{file}有误：{findings}"),
}


class FileRefused(PermanentError):
    """A file is refused as a whole; the message tells why in both languages, with the code."""

    def __init__(self, code: str, **values: object) -> None:
        texts = FAULTS[code]
        super().__init__(f"{texts.en.format(**values)} ({code})\n{texts.zh.format(**values)}")
        self.code = code
