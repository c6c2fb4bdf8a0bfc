"""Django is set up for every test of the web room, so that no test leans on another's fixture for it."""

import django

django.setup()
