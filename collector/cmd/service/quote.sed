# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
# Makes a text file the string of a C program.
s/["\\]/\\&/g
s/.*/"&\\n"/
