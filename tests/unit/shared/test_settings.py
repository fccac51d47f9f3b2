"""Settings: an unknown variable is reported, with the one that was probably meant."""

from shared.settings import unknown_variables


def test_a_mistyped_setting_is_reported_with_a_suggestion():
    assert unknown_variables(["GONGSHI_TOPIC_PREFX", "PATH"]) == [
        "GONGSHI_TOPIC_PREFX is no setting (did you mean GONGSHI_TOPIC_PREFIX?)."
    ]


def test_settings_and_variables_of_other_programs_are_accepted():
    assert unknown_variables(["GONGSHI_HOME", "GONGSHI_IMAGE", "KAFKA_BOOTSTRAP_SERVERS"]) == []
