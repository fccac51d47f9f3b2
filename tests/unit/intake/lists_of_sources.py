"""Lists as sources export them: headings of the source, rows invented, and what is expected of each row."""

from __future__ import annotations

# name of the case: mapping, lines of the file (headings and all), and of each row what is expected of its report;
# a word alone is that of a row which is passed over.
FILES = {
    "12315 office": (
        "12315-office",
        [
            "登记编号,类型,接收方式,企业名称,企业地址,诉求内容,问题类别,事发地,具体问题,初查受理状态,处理机构,处理部门,反馈内容,登记时间",
            ('9901012026100100000001,投诉,微信小程序,云州锦程商贸有限公司,*****,"退货,更换",质量->其他质量问题,云州,买的锅一个月就掉漆,'
            "已受理,云州市监局,投诉科,已联系,2026-10-01 09:30:00"),
            "9901012026100100000002,举报,来电登记,云州好吃饭店,长街1号,,食品安全->其他,云州,菜里有异物,不予受理,云州市监局,,,2026-10-02",
            "9901012026100100000003,咨询,来电登记,,,,,,怎么投诉,,,,,2026-10-02",
        ],
        [
            {
                "kind": "complaint", "channel": "platform", "region": "990101", "category": "quality", "status": "accepted",
                "demand": "退货,更换", "operator.address": None, "office": "投诉科", "text": "买的锅一个月就掉漆",
            },
            {"kind": "tip_off", "channel": "hotline_12315", "status": "rejected", "office": "云州市监局", "category": "food_safety"},
            "咨询",
        ],
    ),
    "12315 classes": (
        "12315-classes",
        [
            ("登记编号,登记时间,企业名称,类型,客体类别全称,问题类别全称,销售方式,消费金额(单位:元),挽回经济损失(单位:元),办理情况状态,"
            "初查受理状态,罚款金额(单位:元),没收金额(单位:元)"),
            ("9901012026100100000001,2026/10/1 9:30,云州锦程商贸有限公司,投诉,商品（产品）->家居用品->锅,投诉问题->质量->其他质量问题,网购,"
            "1299.5,,已办结,已受理,,"),
            "9901012026100100000002,2026/10/1 9:30,云州锦程商贸有限公司,投诉,服务->餐饮和住宿服务,投诉问题->人身权利,其他,0,0,已办结,不予受理,,",
        ],
        [
            {
                "category": "quality", "goods": "锅", "goods_class": "商品（产品）->家居用品->锅", "sale_mode": "online",
                "amount": "1299.5", "recovered": None, "status": "closed", "channel": "platform",
            },
            {"category": "人身权利", "sale_mode": "other", "amount": "0", "status": "rejected"},
        ],
    ),
    "12315 persons": (
        "12315-persons",
        [
            "登记编号,登记时间,企业名称,提供方姓名,提供方联系方式,具体问题,诉求内容,办理情况状态",
            "9901012026100100000001,2026-10-01,云州锦程商贸有限公司,*****,*****,锅掉漆,退赔费用,已办结",
        ],
        [{"complainant.name": None, "complainant.phone": None, "status": "closed", "demand": "退赔费用", "kind": "complaint"}],
    ),
    "Shanghai until June 2026": (
        "12345-shanghai",
        [
            ("12345工单编号,12345受理时间,12345工单来源,12345诉求地址,12345工单类型,12345内容描述,主办单位,答复市民要点,年,月份,"
            "一级业务分类,二级业务分类,三级业务分类,四级业务分类,五级业务分类"),
            "SH001,46174.5,电话,无,投诉举报类,理发店不退卡,无,,2026,6月,市场,消费,预付卡,,",
            "SH002,2026-06-02 08:00,电话,无,求助类,找不到路,某街道,,2026,6月,,,,,",
        ],
        [
            {
                "external_id": "SH001", "received_at": "2026-06-01T12:00:00+08:00", "office": None, "category": "消费",
                "operator.name": "未注明经营者（SH001）", "channel": "hotline_12345",
            },
            "求助类",
        ],
    ),
    "Shanghai from July 2026": (
        "12345-shanghai",
        [
            "工单编号,受理时间,工单来源,诉求地址,工单类型,内容描述,主办单位,答复市民要点,年,月份,一级分类,二级分类,三级分类,四级分类,五级分类",
            "SH003,2026-07-01 10:00:00,电话,某路,投诉举报类,理发店不退卡,某局,,2026,7月,市场,消费,预付卡,,",
        ],
        [{"external_id": "SH003", "category": "消费", "goods_class": "预付卡", "office": "某局"}],
    ),
    "Beijing": (
        "12345-beijing",
        [
            ("工单编号,诉求人姓名,诉求人手机号,诉求标题,市民诉求,接诉分类一级,接诉分类二级,接诉分类三级,接诉分类四级,工单类型,诉求类型,"
            "所属区域,受理时间,工单状态,来源渠道,提交办结时间,回复时间,回访结果,处理部门,催单次数,补单次数,重复次数"),
            ("BJ1,甲某,10000000000,退款,健身房不退款,市场管理,消费维权,预付卡,,派单,投诉,云州区,2026-10-01 08:00,已办结,电话,"
            "2026-10-08 08:00,,,某局,0,0,0"),
        ],
        [
            {
                "title": "退款", "status": "closed", "closed_at": "2026-10-08T08:00:00+08:00", "category": "消费维权",
                "goods_class": "市场管理->消费维权->预付卡", "operator.name": "未注明经营者（BJ1）",
            }
        ],
    ),
    "province, with a title": (
        "province-platform",
        [
            "某省热线平台诉求清单",
            ("诉求编号,诉求来源,诉求类型,一级分类名称,二级分类名称,三级分类名称,诉求标题,诉求内容,登记时间,事件状态,区域名称,"
            "部门办理截止时间,办理结束时间,评价满意度,批转单位"),
            "P1,电话,投诉,市场监管,消费纠纷,退款,退款,不退款,2026-10-01 08:00:00,已办结,云州区,2026-10-20,2026-10-10,满意,某局",
            "P1,电话,投诉,市场监管,消费纠纷,退款,退款,不退款,2026/10/3 9:00,办理中,云州区,,,,某局",
        ],
        [
            {"external_id": "P1@2026-10-01T08:00:00", "satisfaction": 4, "category": "消费纠纷", "status": "closed"},
            {"external_id": "P1@2026-10-03T09:00:00", "satisfaction": None, "status": "accepted"},
        ],
    ),
    "Nanping": (
        "nanping",
        [
            "诉求编号,诉求类别,诉求类型,来源,诉求时间,姓名,手机号,诉求状态,诉求内容",
            "N1,市场监管,投诉,市长信箱,2026-10-01,甲某,10000000000,逾期办理中,不退款",
            "N2,市场监管,建议,电话,2026-10-01,甲某,10000000000,未批转,多设摊位",
        ],
        [{"status": "accepted", "channel": "letter", "text": "不退款"}, "建议"],
    ),
    "Shunde": (
        "shunde",
        [
            ("登记编号,工单号,记录类型,登记日期,接收方式,标题,诉求来源,来电号码,联系电话,是否职投,反映类型,涉及主体名称,经营地址,商品/服务名称,"
            "品牌,涉及金额(元),涉及客体分类,是否网购,网购平台,涉及问题类型,问题描述,紧急程度,初步反馈日期,最终反馈日期,受理通知书号"),
            ("S1,G1,投诉,2026-10-01,来电,掉漆,其他,10000000000,,否,企业,云州锦程商贸有限公司,长街1号,锅,某牌,1299,家居用品,是,某平台,质量,"
            "锅掉漆,一般事件,2026-10-03,2026-10-20,受2026-1"),
        ],
        [
            {
                "channel": "hotline_12345", "complainant.phone": "10000000000", "sale_mode": "online", "amount": "1299",
                "operator.platform": "某平台", "category": "quality", "closed_at": "2026-10-20T00:00:00+08:00",
            }
        ],
    ),
    "Shunde, mediation": (
        "shunde-mediation",
        [
            ("登记编号,记录类型,登记日期,接收方式,标题,问题描述,涉及主体名称,调解结果,调解方式,争议金额(元),挽回经济损失(元),"
            "精神赔偿金额(元),加倍赔偿金额(元),欺诈标志,行政调解文书号,办结日期,是否诉转案"),
            "S1,投诉,2026-10-01,来人来访,掉漆,锅掉漆,云州锦程商贸有限公司,达成调解协议,现场调解,1299,1000,,,否,调2026-1,2026-10-20,否",
        ],
        [{"outcome": "mediated", "status": "closed", "recovered": "1000", "case_number": "调2026-1", "channel": "on_site"}],
    ),
    "Jiujiang": (
        "jiujiang",
        [
            "任务编号,渠道来源,业务类型,一级分类,二级分类,三级分类,四级分类,发生地址,问题描述,案件状态,反映人,办理结果,满意度,上报时间",
            "J1,热线,投诉,市场,消费,退款,,某路,不退款,已结案,甲某,0,3,2026-10-01",
            "J2,热线,投诉,市场,消费,退款,,某路,不退款,已结案,甲某,2,0,2026-10-01",
        ],
        [{"outcome": "mediated", "satisfaction": 5, "goods_class": "市场->消费->退款"}, {"outcome": "failed", "satisfaction": 1}],
    ),
    "county system of 2018": (
        "county-2018",
        [
            "登记编号,登记部门,提供方姓名,类型,办理情况,处理部门,登记日期,办理期限,投诉内容,初查反馈时间,不受理原因,办结日期,处理人,投诉是否公示",
            "C1,一所,甲某,投诉,办结已归档,二所,2018-10-01,2018-12-01,掉漆,2018-10-03,,2018-10-20,乙某,是",
            "C2,一所,甲某,投诉,办结已归档,,2018-10-01,,掉漆,2018-10-03,非消费纠纷,2018-10-05,乙某,否",
            "C3,一所,甲某,咨询,待办理,,2018-10-01,,怎么办,,,,乙某,否",
        ],
        [
            {"status": "closed", "office": "二所", "complainant.consents_to_publish": False},
            {"status": "rejected", "office": "一所"},
            "咨询",
        ],
    ),
    "letters": (
        "letters",
        [
            "编号,类型,来信时间,被投诉单位,标题,内容,金额,办理状态,办理结果",
            "L1,投诉,2026-10-01,云州锦程商贸有限公司,掉漆,锅掉漆,1299,已办结,调解成功",
        ],
        [{"channel": "letter", "outcome": "mediated", "status": "closed"}],
    ),
    "CFPB": (
        "cfpb",
        [
            "Date received,Product,Sub-product,Issue,Sub-issue,Company,State,Submitted via,Company response to consumer,Complaint ID",
            "2026-10-01,Card,Credit card,Billing,Fee,A,CA,Web,Closed with relief,7",
        ],
        [{"external_id": "7", "channel": "platform", "title": "Billing: Fee", "outcome": "self_settled", "category": "Card"}],
    ),
    "our own": (
        "gongshi",
        [
            "channel,external_id,kind,received_at,operator.name,title,status,amount",
            "letter,G1,complaint,2026-10-01 09:30,云州锦程商贸有限公司,掉漆,received,3万元",
        ],
        [{"amount": "30000", "status": "received"}],
    ),
}  # fmt: skip
