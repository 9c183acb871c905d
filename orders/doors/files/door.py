"""The door for files, as the registry finds it."""

from orders.doors.base import Door
from orders.doors.files.forms import UploadForm

DOOR = Door(key="file", label="Files (CSV, XLSX)", form=UploadForm)
