"""What training tells TensorBoard, written by the package ``tensorboard``, which has to be there.

Scalars, histograms, images, figures, texts and hyperparameters become event files, as torch's.
"""

from __future__ import annotations

import os
import socket
import struct
import time
import warnings
import zlib
from datetime import datetime
from typing import Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.plugins.hparams.summary_v2 import HParam, Metric, hparams_config_pb, hparams_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

__all__ = ["SummaryWriter"]


def numbers(x: Any) -> Any:
    """A tensor, an array or a number as an array."""
    return x.detach().numpy() if hasattr(x, "detach") else np.asarray(x)


def number(x: Any) -> float:
    """The one number in a tensor, an array, or by itself."""
    x = numbers(x)
    if x.size != 1:
        raise AssertionError("scalar should be 0D")
    return float(x.item())


def png(image: Any) -> bytes:
    """An image of height, width and 1, 3 or 4 channels, in bytes, as a PNG file."""
    height, width, channels = image.shape

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    colours = {1: 0, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    rows = np.zeros((height, 1 + width * channels), np.uint8)  # a row begins with its filter, none
    rows[:, 1:] = image.reshape(height, -1)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes()))
        + chunk(b"IEND", b"")
    )


def in_layout(image: Any, dataformats: str) -> Any:
    """An image, or a row of images, with the dimensions in ``dataformats``, as HWC in bytes."""
    image = numbers(image)
    if image.ndim != len(dataformats):
        raise AssertionError(
            f"size of input tensor and input format are different. tensor shape: {image.shape}, "
            f"input_format: {dataformats}"
        )
    scale = 1 if image.dtype == np.uint8 else 255
    places = [dataformats.upper().find(letter) for letter in "NHWC"]
    image = image[(..., *[None] * places.count(-1))]
    missing = iter(range(len(dataformats), image.ndim))
    image = image.transpose([next(missing) if i < 0 else i for i in places])
    if image.shape[-1] not in (1, 3, 4):
        raise ValueError(f"an image has 1, 3 or 4 channels; this one has {image.shape[-1]}")
    image = np.concatenate(list(image), axis=1)
    return np.clip(image * scale, 0, 255).astype(np.uint8)


class SummaryWriter:
    """Writes event files into ``log_dir``, or into a new folder of ``runs`` with ``comment``.

    A context manager, which closes the file at the end.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        if not log_dir:
            now = datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = os.path.join("runs", f"{now}_{socket.gethostname()}{comment}")
        self.log_dir = os.fspath(log_dir)
        self._settings = max_queue, flush_secs, filename_suffix
        self._writers: dict[str, EventFileWriter] = {}
        self._writer(self.log_dir)
        if purge_step is not None:
            self._write(self.log_dir, purge_step, file_version="brain.Event:2")

    def _writer(self, folder: str) -> EventFileWriter:
        if folder not in self._writers:
            self._writers[folder] = EventFileWriter(folder, *self._settings)
        return self._writers[folder]

    def _write(
        self, folder: str, step: int | None, walltime: float | None = None, **content: Any
    ) -> None:
        wall_time = time.time() if walltime is None else walltime
        step = None if step is None else int(step)
        self._writer(folder).add_event(Event(wall_time=wall_time, step=step, **content))

    def _add(self, tag: str, step: int | None, walltime: float | None, **value: Any) -> None:
        summary = Summary(value=[Summary.Value(tag=tag, **value)])
        self._write(self.log_dir, step, walltime, summary=summary)

    def get_logdir(self) -> str:
        """The folder with the event files."""
        return self.log_dir

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """One number: a point of the curve ``tag``, at ``global_step``."""
        self._add(tag, global_step, walltime, simple_value=number(scalar_value))

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: dict[str, Any],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Several numbers for one diagram, each in a folder of its own."""
        for tag, value in tag_scalar_dict.items():
            folder = f"{self.log_dir}/{main_tag.replace('/', '_')}_{tag}"
            made = Summary(value=[Summary.Value(tag=main_tag, simple_value=number(value))])
            self._write(folder, global_step, walltime, summary=made)

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: int | None = None,
        bins: Any = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """How the numbers of a tensor are distributed."""
        x = numbers(values).reshape(-1).astype(np.float64)
        if not x.size:
            raise ValueError("The input has no element.")
        counts, edges = np.histogram(x, bins=64 if bins == "tensorflow" else bins)
        histo = HistogramProto(
            min=x.min(),
            max=x.max(),
            num=x.size,
            sum=x.sum(),
            sum_squares=x @ x,
            bucket_limit=edges.tolist(),
            bucket=[0.0, *counts.tolist()],
        )
        self._add(tag, global_step, walltime, histo=histo)

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """An image: floats from 0 to 1, or bytes."""
        image = in_layout(img_tensor, dataformats)
        height, width, channels = image.shape
        made = Summary.Image(
            height=height, width=width, colorspace=channels, encoded_image_string=png(image)
        )
        self._add(tag, global_step, walltime, image=made)

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """A batch of images, side by side."""
        self.add_image(tag, img_tensor, global_step, walltime, dataformats)

    def add_figure(
        self,
        tag: str,
        figure: Any,
        global_step: int | None = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """A figure of matplotlib's, as an image; closed afterwards."""
        from matplotlib import pyplot
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figures = figure if isinstance(figure, list) else [figure]
        images = []
        for one in figures:
            canvas: Any = FigureCanvasAgg(one)
            canvas.draw()
            images.append(np.asarray(canvas.buffer_rgba())[..., :3])
            if close:
                pyplot.close(one)
        self.add_image(tag, np.stack(images), global_step, walltime, "NHWC")

    def add_text(
        self,
        tag: str,
        text_string: str,
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """A text, in Markdown."""
        plugin = SummaryMetadata.PluginData(plugin_name="text")
        shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
        tensor = TensorProto(
            dtype="DT_STRING", string_val=[text_string.encode()], tensor_shape=shape
        )
        metadata = SummaryMetadata(plugin_data=plugin)
        tag = f"{tag}/text_summary"
        self._add(tag, global_step, walltime, metadata=metadata, tensor=tensor)

    def add_hparams(
        self,
        hparam_dict: Any,
        metric_dict: Any,
        hparam_domain_discrete: Any = None,
        run_name: str | None = None,
        global_step: int | None = None,
    ) -> None:
        """Hyperparameters with the metrics that they led to, in a folder of their own."""
        if not (isinstance(hparam_dict, dict) and isinstance(metric_dict, dict)):
            raise TypeError("hparam_dict and metric_dict should be dictionary.")
        folder = os.path.join(self.log_dir, run_name or str(time.time()))
        plain = {k: v if isinstance(v, bool | str) else number(v) for k, v in hparam_dict.items()}
        config = hparams_config_pb(
            hparams=[HParam(name) for name in plain], metrics=[Metric(name) for name in metric_dict]
        )
        for summary in (config, hparams_pb(plain)):
            self._write(folder, None, summary=summary)
        for tag, value in metric_dict.items():
            made = Summary(value=[Summary.Value(tag=tag, simple_value=number(value))])
            self._write(folder, global_step, summary=made)

    def add_graph(
        self,
        model: Any,
        input_to_model: Any = None,
        verbose: bool = False,
        use_strict_trace: bool = True,
    ) -> None:
        """Warns and writes nothing: models are not traced here."""
        warnings.warn("add_graph writes nothing: minigrad traces no models.", stacklevel=2)

    def add_embedding(self, *args: Any, **settings: Any) -> None:
        """Raise NotImplementedError."""
        raise NotImplementedError("add_embedding is not supported: log numbers, or an image.")

    def flush(self) -> None:
        """Write what is pending."""
        for writer in self._writers.values():
            writer.flush()

    def close(self) -> None:
        """Write what is pending, and close the files; writing again opens new ones."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *raised: Any) -> None:
        self.close()
