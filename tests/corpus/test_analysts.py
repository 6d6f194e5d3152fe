"""People on a report; layouts of one person each are in test_metadata.py."""

from corpus.analysts import find_analysts


def test_names_that_stand_together_take_the_numbers_in_order() -> None:
    text = (
        "魏远山（分析师）\n傅开江（联系人）\nweiys@haiyue.com\n证书编号：S0790519120001\n"
        "fukj@haiyue.com\n证书编号：S0790119120026\n正文由此开始。"
    )
    found = find_analysts(text, len(text))
    assert [(a.name, a.licence, a.email) for a in found] == [
        ("魏远山", "S0790519120001", "weiys@haiyue.com"),
        ("傅开江", "S0790119120026", "fukj@haiyue.com"),
    ]


def test_one_name_before_each_number_is_its_own() -> None:
    text = "证券分析师 张望之\n执业证书：S0600516070001\n研究助理 郭若溪\n执业证书：S0600122080017\n正文"
    found = find_analysts(text, len(text))
    assert [(a.name, a.licence) for a in found] == [
        ("张望之", "S0600516070001"),
        ("郭若溪", "S0600122080017"),
    ]


def test_addresses_side_by_side_without_a_space_are_two() -> None:
    text = (
        "证券分析师：魏远山 证券分析师：傅开江\n010-88005001 021-60875002\n"
        "weiys@haiyue.com.cnfukj@haiyue.com.cn\nS0980520080003 S0980520080009\n正文由此开始。"
    )
    found = find_analysts(text, len(text))
    assert [(a.name, a.email, a.phone) for a in found] == [
        ("魏远山", "weiys@haiyue.com.cn", "010-88005001"),
        ("傅开江", "fukj@haiyue.com.cn", "021-60875002"),
    ]
