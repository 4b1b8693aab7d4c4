# SPDX-License-Identifier: Apache-2.0
"""Models of this operator's kinds; generated from schemas/."""
