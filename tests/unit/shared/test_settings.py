"""Settings: a variable that is none is told, with the one that was meant."""

from shared.settings import unknown_variables


def test_a_mistyped_setting_is_told_with_the_one_that_was_meant():
    assert unknown_variables(["GONGSHI_TOPIC_PREFX", "PATH"]) == [
        "GONGSHI_TOPIC_PREFX is no setting (did you mean GONGSHI_TOPIC_PREFIX?)."
    ]


def test_settings_and_other_programs_variables_pass():
    assert unknown_variables(["GONGSHI_HOME", "GONGSHI_IMAGE", "KAFKA_BOOTSTRAP_SERVERS"]) == []
