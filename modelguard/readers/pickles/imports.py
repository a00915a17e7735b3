"""Which names a pickle may import without a word: what the libraries of machine learning write.

A module is not enough: `torch` and `numpy` hold functions that run what they are given. So a module's classes are
safe (names with a capital), and of its functions those that are listed. A dotted name may lead anywhere.
"""

from __future__ import annotations

import re

from modelguard.readers.pickles.nodes import Imported

_CLASSES_OF = frozenset(
    """
    accelerate albumentations array catboost collections copy datasets datetime decimal deepspeed diffusers einops enum
    evaluate fairseq fractions gensim gpytorch huggingface_hub imblearn ipaddress jax jaxlib joblib keras lightgbm
    lightning lightning_fabric ml_dtypes nltk numpy omegaconf onnx open_clip pandas pathlib peft PIL polars pyarrow
    pydantic pytorch_lightning random safetensors scipy sentence_transformers sentencepiece sklearn spacy statsmodels
    string tensorflow thinc threading tokenizers torch torchaudio torchmetrics torchtext torchvision transformers trl
    types ultralytics uuid weakref xgboost zoneinfo argparse
    """.split()
)
_BUILTINS = frozenset(
    """
    set frozenset complex slice range xrange bytearray object list dict tuple int long float str unicode bytes bool type
    Ellipsis NotImplemented reversed enumerate zip
    """.split()
)
_FUNCTIONS = frozenset(
    """
    _codecs.encode copyreg._reconstructor copy_reg._reconstructor copyreg.__newobj__ copy_reg.__newobj__
    copyreg.__newobj_ex__ copyreg._extension_registry collections.defaultdict collections.deque _io.BytesIO _io.StringIO
    collections.abc.KeysView datetime.date datetime.datetime datetime.time datetime.timedelta datetime.timezone
    functools.partial operator.itemgetter array.array array._array_reconstructor itertools.count itertools.chain
    numpy.dtype numpy.ndarray numpy.matrix numpy.bool_ numpy.float64 numpy.float32 numpy.float16 numpy.int64 numpy.int32
    numpy.int16 numpy.int8 numpy.uint64 numpy.uint32 numpy.uint16 numpy.uint8 numpy.str_ numpy.bytes_ numpy.recarray
    numpy.object_ numpy.longlong numpy.intc numpy.datetime64 numpy.timedelta64 numpy.void numpy.record
    numpy.matrixlib.defmatrix.matrix numpy.complex64 numpy.complex128 numpy.ufunc numpy.core._internal._convert_to_numpy
    numpy.core.multiarray._reconstruct numpy._core.multiarray._reconstruct numpy.core.multiarray.scalar
    numpy._core.multiarray.scalar numpy.core.numeric._frombuffer numpy._core.numeric._frombuffer
    numpy.core._ufunc_reconstruct numpy._core._ufunc_reconstruct numpy.core.umath._ufunc_reconstruct
    numpy.ma.core._mareconstruct numpy._core._internal._mareconstruct
    numpy.random._pickle.__randomstate_ctor numpy.random._pickle.__bit_generator_ctor
    numpy.random._pickle.__generator_ctor numpy.random.__randomstate_ctor numpy.random.mtrand.__randomstate_ctor
    numpy.random.bit_generator.__pyx_unpickle_SeedSequence numpy.random.bit_generator.__pyx_unpickle_SeedlessSequence
    pandas._libs.internals._unpickle_block pandas._libs.tslibs.timestamps._unpickle_timestamp
    pandas._libs.tslibs.timedeltas._timedelta_unpickle pandas._libs.tslibs.timezones.maybe_get_tz
    pandas._libs.tslibs.offsets._offset_unpickle pandas._libs.arrays.__pyx_unpickle_NDArrayBacked
    pandas._libs.tslibs.period._period_unpickle pandas._libs.tslibs.nattype._nat_unpickle
    pandas.core.indexes.base._new_Index pandas.core.indexes.datetimes._new_DatetimeIndex
    pandas.core.indexes.period._new_PeriodIndex pandas.core.internals.managers._unpickle_block
    pathlib.PosixPath random.Random
    joblib.numpy_pickle.NumpyArrayWrapper joblib.numpy_pickle.NDArrayWrapper
    scipy.sparse._csr.csr_matrix scipy.sparse._csc.csc_matrix scipy.sparse._coo.coo_matrix scipy.sparse.csr.csr_matrix
    scipy.sparse.csc.csc_matrix scipy.sparse._csr.csr_array scipy.sparse._csc.csc_array scipy.sparse._lil.lil_matrix
    scipy.stats._continuous_distns.norm_gen scipy.interpolate._interpolate.interp1d re._compile
    numpy.log numpy.log2 numpy.log10 numpy.log1p numpy.exp numpy.expm1 numpy.sqrt numpy.square numpy.abs numpy.absolute
    numpy.mean numpy.median numpy.sum numpy.std numpy.min numpy.max numpy.sin numpy.cos numpy.tanh numpy.clip
    pandas._libs.interval.__pyx_unpickle_IntervalMixin pyarrow.lib._restore_array pyarrow.lib.py_buffer
    pyarrow.lib.type_for_alias pyarrow.lib.chunked_array pyarrow.lib._reconstruct_table pyarrow.lib.schema
    pyarrow.lib._reconstruct_record_batch pyarrow.lib.field pyarrow.lib.list_ pyarrow.lib.large_list pyarrow.lib.struct
    pyarrow.lib.map_ pyarrow.lib.dictionary pyarrow.lib.timestamp pyarrow.lib.duration pyarrow.lib.scalar
    pyarrow.lib.binary pyarrow.lib.decimal128 numpy._core._internal._convert_to_stringdtype_kwargs
    sklearn.tree._tree.Tree sklearn._loss._loss.__pyx_unpickle_CyHalfSquaredError
    sklearn.metrics._dist_metrics.newObj sklearn.neighbors._kd_tree.newObj sklearn.neighbors._ball_tree.newObj
    torch.device torch.dtype torch.Size torch.layout torch.memory_format torch.Generator
    torch.storage._load_from_bytes torch.serialization._get_layout torch.random.set_rng_state
    torch.jit._pickle.build_intlist torch.jit._pickle.build_tensorlist torch.jit._pickle.build_doublelist
    torch.jit._pickle.build_boollist torch.jit._pickle.build_tensor_from_id torch.jit._pickle.restore_type_tag
    torch._tensor._rebuild_from_type_v2 torch._C._nn.gelu torch._C._nn.silu torch.nn.functional.relu
    torch.nn.functional.gelu torch.nn.functional.silu torch.nn.functional.softmax torch.nn.functional.leaky_relu
    torch.nn.functional.elu torch.relu torch.tanh torch.sigmoid torch._utils._get_obj_from_type
    torch.nn.modules.utils._ntuple uuid.UUID zoneinfo.ZoneInfo._unpickle dateutil.tz.tz.tzutc dateutil.tz.tz.tzlocal
    dateutil.tz.tz.tzfile pytz._UTC pytz._p pytz.lazy argparse.Namespace weakref.ref
    tokenizers.Tokenizer xgboost.core.Booster lightgbm.basic.Booster catboost.core.CatBoost enum.Enum
    fractions.Fraction decimal.Decimal
    """.split()
)
_DTYPES = frozenset(
    """
    float16 float32 float64 bfloat16 half float double int8 int16 int32 int64 uint8 uint16 uint32 uint64 short int long
    bool complex32 complex64 complex128 quint8 qint8 qint32 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz
    strided sparse_coo contiguous_format preserve_format channels_last per_tensor_affine per_channel_affine
    """.split()
)
_SCRIPT = "__torch__"
"""Classes of TorchScript, whose code is in the same file; no module of Python has that name."""

_REBUILDS = re.compile(
    r"torch\.(?:_utils|_tensor|nn\.parameter|distributed\.tensor\.\w+)\._rebuild_\w+|torch\._C\.\w+Storage"
)
_SPARSE = re.compile(
    r"scipy\.sparse\.\w{1,20}\.\w{1,20}_(?:array|matrix)|scipy\.stats\._distn_infrastructure\.rv_\w{1,30}"
)
_CAPITAL = re.compile(r"_{0,2}[A-Z]\w*")
_DISGUISED = frozenset(
    {"ModuleType", "CodeType", "FunctionType", "LambdaType", "Popen", "Process", "Thread", "Timer", "CDLL"}
)
_LOADERS = frozenset(
    """
    Unpickler Wrapped ConfigModule CodeCache PyCodeCache CppCodeCache Template PackageImporter DataSource Memory
    MethodType
    """.split()
)

GETATTR = frozenset({"builtins.getattr", "__builtin__.getattr"})
"""What older pickles name a member of a class with; it can also lead to anything."""


def is_safe(imported: Imported) -> bool:
    """Whether a library that everybody knows may have written this import, and nothing runs by it."""
    if imported.name in GETATTR:
        return imported.harmless_uses > 0 and imported.other_uses == 0
    return not imported.leads_on and is_known(imported.name)


def is_known(dotted: str) -> bool:
    """Whether a dotted name is one that libraries of machine learning write into pickles."""
    module, _, name = dotted.rpartition(".")
    if module in ("builtins", "__builtin__"):
        return name in _BUILTINS or (name[:1].isupper() and name.endswith(("Error", "Exception", "Warning")))
    if dotted in _FUNCTIONS or (module == "torch" and name in _DTYPES):
        return True
    if _REBUILDS.fullmatch(dotted) or _SPARSE.fullmatch(dotted):
        return True
    root, _, inner = module.partition(".")
    if root == _SCRIPT:
        return True
    if root not in _CLASSES_OF or not module or name in _DISGUISED or name in _LOADERS:
        return False
    parts = inner.split(".") if inner else []
    if any(_CAPITAL.fullmatch(part) for part in parts) and not name.isupper():
        return False
    return _CAPITAL.fullmatch(name) is not None


def is_member(owner: str, name: bytes) -> bool:
    """Whether `getattr` of a class and a name gives no more than one of its members, as enumerations are written."""
    module, _, last = owner.rpartition(".")
    is_class = _CAPITAL.fullmatch(last) or (module in ("builtins", "__builtin__") and last in _BUILTINS)
    return bool(is_class) and re.fullmatch(rb"_?[A-Za-z][A-Za-z0-9_]*", name) is not None
