"""What an import took from a file: columns, encoding, counts. It is kept beside the dataset, for pages and the JSON of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict

from core.data.columns import ColumnMapping
from core.data.formats.text_encoding import ENCODING_TITLES
from core.data.review_pool import ReviewPool
from core.data.review_table import ReviewTable

_NUM_NAMED = 5  # labels that are named in the counts of what was left out


class ImportRecord(BaseModel):
    """What was taken from a file.

    Attributes:
        file: Its name; empty if unknown.
        form: What kind of file it was, such as "TSV".
        encoding: How its text was read; None for forms that leave no choice.
        text_column: Heading of the texts.
        label_column: Heading of the labels.
        negative: Labels that mean negative.
        positive: Labels that mean positive.
        num_rows: Rows of the file.
        num_negative: Distinct negative reviews.
        num_positive: Distinct positive reviews.
        num_duplicates: Rows dropped because their text was there already, or had both labels.
        left_out: Rows dropped for each other reason.
        notes: What a reader of the table should know, as sentences.
        sha256: Of the dataset's file; another one says that this record is not about it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str = ""
    form: str = "CSV"
    encoding: str | None = None
    text_column: str = "text"
    label_column: str = "label"
    negative: tuple[str, ...] = ("0",)
    positive: tuple[str, ...] = ("1",)
    num_rows: int
    num_negative: int
    num_positive: int
    num_duplicates: int
    left_out: Mapping[str, int] = {}
    notes: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def num_left_out(self) -> int:
        """Rows that are no reviews here, duplicates aside."""
        return sum(self.left_out.values())

    @classmethod
    def of_import(
        cls,
        table: ReviewTable,
        mapping: ColumnMapping,
        labels: Sequence[int | None],
        pool: ReviewPool,
        *,
        file: str = "",
        sha256: str = "",
    ) -> Self:
        """The record of a table that became a pool.

        Args:
            table: The file.
            mapping: What its columns mean.
            labels: What `map_labels` gave.
            pool: Its distinct reviews.
            file: Name of the file.
            sha256: Of the file that the reviews are kept in.
        """
        written = table.frame[mapping.label_column].str.strip()
        unknown = Counter(label for label, meaning in zip(written, labels, strict=True) if meaning is None)
        num_unknown = unknown.total()
        left_out = {"without a label": unknown.pop("", 0)}
        left_out |= {f'labelled "{label[:40]}"': num_rows for label, num_rows in unknown.most_common(_NUM_NAMED)}
        left_out |= {
            "with another label": num_unknown - sum(left_out.values()),
            "without a text": pool.num_skipped - num_unknown,
            "that cannot be read": table.num_broken,
        }
        return cls(
            file=file,
            form=table.form,
            encoding=table.encoding,
            text_column=mapping.text_column,
            label_column=mapping.label_column,
            negative=mapping.negative,
            positive=mapping.positive,
            num_rows=len(table.frame) + table.num_broken,
            num_negative=int((pool.labels == 0).sum()),
            num_positive=int((pool.labels == 1).sum()),
            num_duplicates=pool.num_duplicates,
            left_out={reason: num_rows for reason, num_rows in left_out.items() if num_rows},
            notes=table.notes,
            sha256=sha256,
        )

    @classmethod
    def of_pool(cls, pool: ReviewPool) -> Self:
        """The record of reviews whose file is as this program keeps it."""
        num_positive = int(pool.labels.sum())
        return cls(
            num_rows=len(pool.ids) + pool.num_duplicates + pool.num_skipped,
            num_negative=len(pool.ids) - num_positive,
            num_positive=num_positive,
            num_duplicates=pool.num_duplicates,
            left_out={"without a text or a label": pool.num_skipped} if pool.num_skipped else {},
        )

    def as_data(self) -> dict[str, int | str]:
        """The counts and columns as the JSON of a run has them."""
        return {
            "reviews": self.num_negative + self.num_positive,
            "positive": self.num_positive,
            "negative": self.num_negative,
            "duplicates": self.num_duplicates,
            "left_out": self.num_left_out,
            "text_column": self.text_column,
            "label_column": self.label_column,
        }

    @property
    def left_out_sentence(self) -> str:
        """What was left out and why; empty if nothing was."""
        reasons = [f"{num_rows:,} {reason}" for reason, num_rows in self.left_out.items()]
        if self.num_duplicates:
            reasons.insert(0, f"{self.num_duplicates:,} that repeat or contradict another row")
        num_rows = self.num_duplicates + self.num_left_out
        return f"Left out: {num_rows:,} {'row' if num_rows == 1 else 'rows'} ({', '.join(reasons)})." if reasons else ""

    def sentences(self) -> list[str]:
        """The record in words: columns and labels, counts, what was left out, notes."""
        encoded = f", {ENCODING_TITLES.get(self.encoding, self.encoding)}" if self.encoding else ""
        sentences = [
            f'{self.form}{encoded}: texts from "{self.text_column}", labels from "{self.label_column}" (negative: '
            f"{', '.join(self.negative)}; positive: {', '.join(self.positive)}).",
            f"{self.num_rows:,} rows give {self.num_negative + self.num_positive:,} reviews: {self.num_negative:,} negative, "
            f"{self.num_positive:,} positive.",
            self.left_out_sentence,
        ]
        return [*filter(None, sentences), *self.notes]
