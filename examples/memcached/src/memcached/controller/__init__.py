# SPDX-License-Identifier: Apache-2.0
"""What this operator does; yours to write."""
