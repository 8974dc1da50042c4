"""The pages and pictures of scripts/report_study."""
