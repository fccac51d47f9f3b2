"""The tokens that replace personal data: each names the type of what it replaces."""

NAME = "[姓名]"
ADDRESS = "[地址]"
PHONE = "[电话]"
IDENTITY = "[证件号]"
CARD = "[银行卡号]"
MAIL = "[邮箱]"
PLATE = "[车牌号]"
VEHICLE = "[车架号]"
ACCOUNT = "[账号]"
# Of orders and parcels: the operator finds by it who complained.
ORDER = "[单号]"

# Start and end in a text, and the token that replaces what is between.
Span = tuple[int, int, str]
