from __future__ import annotations

from asr.training.layout import Layout


def test_the_context_is_the_sum_of_what_the_layers_look_around() -> None:
    layout = Layout(inputs=20, outputs=98)
    assert (layout.left_context, layout.right_context) == (30, 18)


def test_every_node_reads_nodes_that_came_before_it() -> None:
    known = {"input"}
    for line in Layout(inputs=20, outputs=98).config()[1:]:
        fields = line.split(" ", 3) if line.startswith("component-node") else line.split(" ", 2)
        source = line.split("input=")[1].split(" objective")[0]
        for sign in ("Append", "Offset", "Sum", "Scale", "(", ")", ","):
            source = source.replace(sign, " ")
        names = {word for word in source.split() if not word.lstrip("-").replace(".", "").isdigit()}
        assert names <= known, line
        known.add(fields[1].removeprefix("name="))
    assert "l9.sum" in known


def test_layers_after_the_first_add_to_what_they_were_given() -> None:
    config = Layout(inputs=20, outputs=98).config()
    sums = [line for line in config if "Sum(" in line]
    assert len(sums) == 7
    assert "Sum(Scale(0.66, l2.relu), l3.relu)" in sums[0]
