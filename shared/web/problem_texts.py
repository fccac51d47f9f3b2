"""The texts of the error pages: what happened, and what the reader can do about it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.web.i18n import Text, _


@dataclass(frozen=True, slots=True)
class ProblemText:
    """Title and remedy of one HTTP status."""

    title: Text
    remedy: Text


PROBLEMS: dict[int, ProblemText] = {
    400: ProblemText(_("这个请求读不懂"), _("请返回上一页，检查填写的内容后重试。")),
    401: ProblemText(_("请先登录"), _("登录后可以继续。")),
    403: ProblemText(_("您没有这项权限"), _("如需办理，请使用有相应岗位的账号登录，或者联系系统管理员。")),
    404: ProblemText(_("没有找到这个页面"), _("请检查地址是否完整，或者从首页查询经营者名称、统一社会信用代码。")),
    405: ProblemText(_("这个地址不接受这种操作"), _("请返回上一页重试。")),
    408: ProblemText(_("内容没有传完"), _("网络太慢或者中断。请检查网络后重新提交。")),
    409: ProblemText(_("内容已经变化"), _("在您办理期间，他人已处理了同一条信息。请刷新页面，核对后再操作。")),
    410: ProblemText(_("这条信息已撤回"), _("原内容不再公示，也不应继续引用或转载。")),
    413: ProblemText(_("内容超过大小限制"), _("请减少文件数量或者压缩文件，分次上传。")),
    415: ProblemText(_("不支持这种格式"), _("请按页面提示的格式提交。")),
    421: ProblemText(_("地址不对"), _("请使用本系统公布的网址访问。")),
    422: ProblemText(_("填写的内容需要修改"), _("请返回上一页，按提示修改后重新提交。")),
    429: ProblemText(_("操作过于频繁"), _("请稍等片刻再试。")),
    500: ProblemText(_("系统出现错误"), _("错误已经记录。请稍后再试；如急需办理，请拨打12315。")),
    503: ProblemText(_("服务暂时不可用"), _("系统正在恢复，数据没有丢失。请稍后再试。")),
}

UNKNOWN = ProblemText(_("请求没有完成"), _("请稍后再试，或者返回首页。"))
