"""Rows of this app in the back room."""

from django.contrib import admin
from procrastinate.contrib.django import models as queue

from claimwright.web.core.admin import register
from claimwright.web.operations import models

register(
    set_up=(models.JobSchedule, models.Interface, models.InterfaceCode),
    look_only=(models.JobRun, models.InterfaceMessage, models.InterfaceCharge),
)

# The queue's own rows know no tenant; what an office may see of them are its runs.
for model in (queue.ProcrastinateJob, queue.ProcrastinateEvent, queue.ProcrastinatePeriodicDefer):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
