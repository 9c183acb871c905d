"""Tags that draw how partners stand: `{% load partners %}`."""

from django import template

from partners import marks

register = template.Library()
register.simple_tag(marks.tier, name="tier")
register.simple_tag(marks.level, name="level")
register.simple_tag(marks.score, name="score")
