/* SPDX-License-Identifier: Apache-2.0 */
/**
 * glimpse operator plugin ABI: how glimpsed (the host) and a shared object with operator kernels (the plugin) talk.
 *
 * Lifecycle of one kernel:
 *
 *     host reads the header of `glimpse_op_plugin` from the ELF file, before any code of the plugin runs
 *       dlopen -> init(host) -> get_factory() -> count, descriptor(i)                         [control]
 *         create(i) -> created --prepare--> prepared --invoke*--> prepared                    [control, then worker]
 *                         |                    |  prepare again with other shapes is allowed
 *                         +----- destroy ------+  (any state, half-prepared too)
 *       deinit() at the end of the process only: plugins stay mapped while the host runs
 *
 * The words MUST, MUST NOT and MAY are those of RFC 2119. Tags on functions:
 *     [any]      callable from any thread, concurrently
 *     [control]  a set-up thread, never two calls at once for one kernel; set-ups of two graphs may overlap
 *     [worker]   never two calls at once for one kernel instance, no fixed OS thread. Real-time rules: no heap, no locks,
 *                no I/O, no logging, no unbounded loops. A kernel starts no threads: it divides its work by `parallel`
 *
 * Ownership:
 *     object                        allocated by  valid until
 *     entry, factory, descriptors   plugin image  end of the process
 *     glimpse_host                  host          end of the process
 *     glimpse_kernel                plugin        destroy()
 *     persistent memory             host          destroy() or the next prepare() of the same kernel
 *     nodes, tensors, contexts,
 *     tensor data, scratch          host          return of the call that got them
 *     strings                       callee        copied by whoever keeps them
 *
 * Plain data: fixed-width integers, float, pointers, size_t for bytes; enumerations are uint32_t with named constants;
 * strings are UTF-8 with a final NUL; little-endian, natural alignment, no packing. Every struct begins with
 * `struct_size`; a reader touches only the first min(its own, given) bytes. Reserved bits are 0.
 *
 * A host takes plugins of its own major version whose minor version is not later than its own. What a minor version may
 * add, and how, stands in plugins/abi/CHANGES.md.
 */
#ifndef GLIMPSE_OP_ABI_H_
#define GLIMPSE_OP_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GLIMPSE_ABI_MAJOR 1u
#define GLIMPSE_ABI_MINOR 1u
#define GLIMPSE_ABI_PATCH 0u

/** Name of the one data symbol a plugin exports, of type glimpse_op_plugin_entry. */
#define GLIMPSE_OP_PLUGIN_SYMBOL "glimpse_op_plugin"

/** Alignment in bytes of arena tensors, persistent memory and scratch. Constant tensors are aligned to 16 at least. */
#define GLIMPSE_ALIGN 64u
/** Bytes after the end of every arena tensor, persistent block and scratch block that MAY be read (content undefined)
 *  and MUST NOT be written. Constant tensors say in `readable_bytes` how far they may be read. */
#define GLIMPSE_TAIL_BYTES 64u
/** Largest rank of a tensor. */
#define GLIMPSE_MAX_RANK 8u
/** Most operators that one kernel computes as a chain. */
#define GLIMPSE_MAX_CHAIN 4u

/* ---- status ------------------------------------------------------------------------------------------------------ */

typedef int32_t glimpse_status;
enum {
  GLIMPSE_OK = 0,
  GLIMPSE_UNSUPPORTED = 1,   /**< a sound node that this kernel does not serve: the host tries the next kernel */
  GLIMPSE_INVALID_NODE = 2,  /**< the node breaks the operator's definition: no kernel could serve it */
  GLIMPSE_NO_MEMORY = 3,     /**< the host refused memory */
  GLIMPSE_CANCELLED = 4,     /**< stopped because should_stop became non-zero */
  GLIMPSE_INTERNAL = 5       /**< a defect of the plugin; the host reads unknown values as this one */
};

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

/** Element types, numbered as `TensorType` of the .tflite schema. */
typedef uint32_t glimpse_dtype;
enum {
  GLIMPSE_FLOAT32 = 0,
  GLIMPSE_FLOAT16 = 1,
  GLIMPSE_INT32 = 2,
  GLIMPSE_UINT8 = 3,
  GLIMPSE_INT64 = 4,
  GLIMPSE_BOOL = 6,
  GLIMPSE_INT16 = 7,
  GLIMPSE_INT8 = 9,
  GLIMPSE_FLOAT64 = 10,
  GLIMPSE_UINT64 = 12,
  GLIMPSE_UINT32 = 15,
  GLIMPSE_UINT16 = 16,
  GLIMPSE_INT4 = 17 /**< two elements a byte, the first in the low nibble */
};
/** Bit of a dtype in glimpse_op_descriptor.input_types. */
#define GLIMPSE_DTYPE_BIT(dtype) (UINT64_C(1) << (dtype))

enum {
  GLIMPSE_TENSOR_CONST = 1u << 0,   /**< content known in prepare, never changes */
  GLIMPSE_TENSOR_VARIABLE = 1u << 1 /**< keeps its content between invokes; an input that the kernel also writes */
};

/** One tensor: dense, row-major (the last dimension varies fastest). real = scale * (stored - zero_point). */
typedef struct glimpse_tensor {
  uint32_t struct_size;
  glimpse_dtype dtype;
  uint32_t flags;         /**< GLIMPSE_TENSOR_* */
  uint32_t rank;          /**< 0 to GLIMPSE_MAX_RANK */
  const int32_t* dims;    /**< `rank` dimensions, each >= 0; their product times the type's size fits size_t */
  const void* data;       /**< prepare: the content of a CONST tensor, NULL for any other */
  size_t size_bytes;      /**< bytes of content */
  size_t readable_bytes;  /**< bytes from `data` that may be read, >= size_bytes */
  uint32_t scale_count;   /**< 0: not quantized; 1: per tensor; dims[quant_axis]: per channel */
  int32_t quant_axis;     /**< dimension that scales run along; meaningless unless scale_count > 1 */
  const float* scales;    /**< scale_count positive finite numbers */
  const int64_t* zero_points; /**< scale_count values, each within the range of dtype */
  const char* name;       /**< as in the model, for messages */
  int32_t index;          /**< as in the model */
} glimpse_tensor;

/* ---- what is to be computed ---------------------------------------------------------------------------------------- */

/** One operator of the model. */
typedef struct glimpse_operator {
  uint32_t struct_size;
  int32_t index;              /**< position in the model's main subgraph */
  const char* op;             /**< "tflite.CONV_2D", or "custom.NAME" */
  int32_t version;            /**< the model's operator version, >= 1 */
  uint32_t options_size;      /**< bytes at `options`; 0 when the operator has none */
  const void* options;        /**< the struct of glimpse/op_options.h that belongs to `op`; decoded and range-checked by
                                   the host. Custom operators: the raw bytes from the file, untrusted */
  uint32_t input_count;
  uint32_t output_count;
  const glimpse_tensor* const* inputs;  /**< an optional input that is absent is NULL */
  const glimpse_tensor* const* outputs; /**< dims are the file's claim; set_output_shape() has the last word */
  uint32_t intermediate_count;
  uint32_t reserved; /**< 0 */
  const glimpse_tensor* const* intermediates; /**< tensors that only lend their quantization (LSTM); absent ones are NULL */
} glimpse_operator;

/** The unit of work that a kernel takes: one operator, or a chain that one kernel computes as a whole.
 *
 *  In a chain every operator but the last has one output, the link: nobody but the next operator reads it, once, and it
 *  is no output of the model. Links have no memory: no call ever gives their content. Dimensions of links and of the
 *  last operator's outputs are the file's claim. Wherever inputs are counted (allow_alias(), glimpse_invoke.inputs), they
 *  are those of the first operator, then of each following one, in order, without the links; outputs are those of the
 *  last operator. All of these inputs are ready when the chain runs. */
typedef struct glimpse_node {
  uint32_t struct_size;
  uint32_t operator_count; /**< 1 to GLIMPSE_MAX_CHAIN: op_count of the descriptor that the kernel was created from */
  const glimpse_operator* const* operators; /**< in the order in which they run */
  const char* numerics; /**< the profile to compute, "litert-reference" for instance: bit for bit what that runtime computes */
} glimpse_node;

/* ---- prepare and invoke -------------------------------------------------------------------------------------------- */

/** Services during prepare(), all [control], all invalid after it returns. A non-OK return is to be passed on. */
typedef struct glimpse_prepare {
  uint32_t struct_size;
  void* context; /**< first argument of every function below */
  /** Keeps a copy of `message`: one line without the operator's name, which the host puts before it. */
  void (*set_error)(void* context, const char* message);
  /** Sets the shape of an output; dims are copied. For every output MUST be called once either this function or the next. */
  glimpse_status (*set_output_shape)(void* context, uint32_t output, uint32_t rank, const int32_t* dims);
  /** The shape of this output depends on values that only invoke() sees: the kernel MUST then call resize_output() in every
   *  invoke() before it writes the output, whose pointer is NULL until then. */
  glimpse_status (*set_dynamic_output)(void* context, uint32_t output);
  /** Memory that the kernel fills in prepare and reads in invoke. Zeroed, aligned to GLIMPSE_ALIGN. */
  glimpse_status (*persistent)(void* context, size_t bytes, void** memory);
  /** Memory for the duration of one invoke, shared with other kernels; `*id` indexes glimpse_invoke.scratch. */
  glimpse_status (*scratch)(void* context, size_t bytes, uint32_t* id);
  /** Allows the host to give `output` the memory of `input` (same size); the kernel then sees equal pointers. */
  glimpse_status (*allow_alias)(void* context, uint32_t input, uint32_t output);
  /** Work of one invoke: multiply-accumulates, and other elementary steps. The host adds them up against its limits. */
  glimpse_status (*report_work)(void* context, uint64_t macs, uint64_t other_steps);
  /** Ends the filling of a block that persistent() gave: `*memory` becomes the address of a block with the same content,
   *  the same one or one that another kernel has filled alike, and MUST NOT be written any more. For weights as the kernel
   *  packs them: two graphs over one model, before and after a swap for instance, hold them once. */
  glimpse_status (*share)(void* context, void** memory);
  /** Since 1.1. Workers that glimpse_invoke.parallel has at most: so many parts of one invoke may run at once, each with
   *  scratch memory of its own. 0 and 1: there is one, and nothing to be divided. */
  uint32_t worker_count;
  uint32_t reserved; /**< 0 */
} glimpse_prepare;

/** Everything invoke() may touch; valid until it returns. Order as in the node. */
typedef struct glimpse_invoke {
  uint32_t struct_size;
  uint32_t input_count;
  uint32_t output_count;
  uint32_t scratch_count;
  const void* const* inputs;  /**< NULL for an absent optional input. A VARIABLE input may be written (cast const away) */
  void* const* outputs;       /**< every byte of every output MUST be written */
  void* const* scratch;       /**< content undefined at entry */
  const uint32_t* should_stop; /**< becomes non-zero when the result is no longer wanted; kernels MAY poll it */
  void* context;               /**< first argument of set_error */
  void (*set_error)(void* context, const char* message);
  /** Shape of an output that prepare() declared dynamic; `*data` becomes its memory. The one call that may allocate. */
  glimpse_status (*resize_output)(void* context, uint32_t output, uint32_t rank, const int32_t* dims, void** data);
  /** Since 1.1. Calls `task(data, item, worker)` once for every item below `item_count`, on this thread and on others of the
   *  host, in no particular order, and returns when all have ended. No two calls with the same number `worker`, which is
   *  below worker_count, overlap. Only invoke() may call this, on its own thread; a task is under the rules of invoke(),
   *  calls no service, must not throw, and writes nothing that another task reads or writes. NULL: worker_count was 0 or 1. */
  void (*parallel)(void* context, uint32_t item_count, void (*task)(void* data, uint32_t item, uint32_t worker), void* data);
} glimpse_invoke;

/** One kernel instance. Frozen inside a major version: it grows by get_extension only. */
typedef struct glimpse_kernel {
  uint32_t struct_size;
  void* plugin_data; /**< the plugin's own */
  /** [control] Validates everything, sets output shapes, asks for memory, computes constants. After any failure the kernel
   *  is still good for prepare or destroy. */
  glimpse_status (*prepare)(struct glimpse_kernel* kernel, const glimpse_node* node, const glimpse_prepare* prepare);
  /** [worker] Only after a successful prepare. */
  glimpse_status (*invoke)(struct glimpse_kernel* kernel, const glimpse_invoke* invoke);
  /** [control] Forgets state kept outside VARIABLE tensors. May be NULL. */
  void (*reset)(struct glimpse_kernel* kernel);
  /** [control] Frees the instance, in any state. */
  void (*destroy)(struct glimpse_kernel* kernel);
  /** [any] NULL for an unknown id. May be NULL. */
  const void* (*get_extension)(struct glimpse_kernel* kernel, const char* id);
} glimpse_kernel;

/* ---- what a plugin offers ------------------------------------------------------------------------------------------ */

enum {
  /** Output values depend on nothing but input values: the host MAY run the kernel once, at set-up, when all inputs are
   *  CONST, and treat the outputs as CONST. */
  GLIMPSE_OP_FOLDABLE = 1u << 0,
  /** Output values depend on the inputs' shapes alone: the host runs the kernel once at set-up. Input data is NULL then. */
  GLIMPSE_OP_SHAPE_ONLY = 1u << 1
};

enum { GLIMPSE_CPU_WORDS = 2 };

/** Facts of the machine. A plugin MUST NOT look for CPU features itself: the host may mask some, in tests for instance. */
typedef struct glimpse_host {
  uint32_t struct_size;
  const char* name;    /**< "glimpsed" */
  const char* version; /**< "0.1.0" */
  uint64_t cpu_features[GLIMPSE_CPU_WORDS]; /**< GLIMPSE_CPU_* of glimpse/cpu_features.h */
  const char* cpu_part;      /**< "cortex-a72", "x86-64" ...; "" when unknown */
  uint32_t l1d_bytes;        /**< first-level data cache of one core, 0 when unknown */
  uint32_t l2_bytes;         /**< second-level cache, 0 when unknown */
  /** [any] Optional services by id, "glimpse.log/1" for instance; NULL when unknown. */
  const void* (*get_extension)(const struct glimpse_host* host, const char* id);
} glimpse_host;

/** One kernel on offer; static, read-only. */
typedef struct glimpse_op_descriptor {
  uint32_t struct_size;
  uint32_t flags;            /**< GLIMPSE_OP_* */
  const char* const* ops;    /**< the operators it computes, "tflite.CONV_2D" or "custom.NAME", in the order in which
                                  they run. Of a chain, the fields below speak of its first operator, but for
                                  output_min and output_max, which speak of its last */
  uint32_t op_count;         /**< 1 to GLIMPSE_MAX_CHAIN */
  uint32_t reserved;         /**< 0 */
  const char* impl;          /**< identity for people, configuration and logs: "org.glimpse.reference.CONV_2D" */
  const char* version;       /**< of the implementation, as text */
  int32_t op_version_min;    /**< range of operator versions it serves */
  int32_t op_version_max;
  uint32_t input_min;        /**< range of input counts; -1 entries of the model count */
  uint32_t input_max;
  uint32_t output_min;       /**< range of output counts */
  uint32_t output_max;
  uint64_t input_types;      /**< GLIMPSE_DTYPE_BIT()s that the first input may have (0: it has no inputs) */
  const char* const* numerics; /**< NULL-terminated list of profiles it honours bit for bit; NULL: all, it only moves data */
  uint64_t cpu_features[GLIMPSE_CPU_WORDS]; /**< features the machine must have, checked by the host */
  /** [control] Preference among kernels that fit: 0 cannot, 100 a plain portable kernel, more is faster. NULL counts as 100.
   *  Kernels of a chain stand in one order with those of its first operator alone.
   *  Shapes are the file's claim at this moment. */
  uint32_t (*score)(const glimpse_host* host, const glimpse_node* node);
} glimpse_op_descriptor;

/** Lists and makes kernels. get_factory(GLIMPSE_OP_FACTORY_ID) returns it. */
#define GLIMPSE_OP_FACTORY_ID "glimpse.op-factory/1"
typedef struct glimpse_op_factory {
  uint32_t struct_size;
  uint32_t count; /**< number of descriptors */
  /** [any] `index` < count. */
  const glimpse_op_descriptor* (*descriptor)(const struct glimpse_op_factory* factory, uint32_t index);
  /** [control] A kernel in state `created`. Cheap; calls nothing of the host. */
  glimpse_status (*create)(const struct glimpse_op_factory* factory, uint32_t index, glimpse_kernel** kernel);
} glimpse_op_factory;

/** The one exported symbol, in constant initialised data. Its first five words hold no address, so that the host reads and
 *  judges them in the ELF file before it lets the dynamic linker run the plugin's constructors. */
typedef struct glimpse_op_plugin_entry {
  uint32_t magic;       /**< GLIMPSE_OP_PLUGIN_MAGIC */
  uint32_t abi_major;   /**< GLIMPSE_ABI_MAJOR it was compiled with, and so on */
  uint32_t abi_minor;
  uint32_t abi_patch;
  uint32_t struct_size; /**< sizeof(glimpse_op_plugin_entry) */
  uint32_t reserved;    /**< 0 */
  const char* name;     /**< as used in the configuration: "reference"; [a-z0-9_-]+ */
  const char* version;
  /** [control] Once, before anything else. `host` stays valid. */
  glimpse_status (*init)(const glimpse_host* host);
  /** [control] Once, at the end. May be NULL. */
  void (*deinit)(void);
  /** [any] The factory for a known id, NULL for any other. */
  const void* (*get_factory)(const char* id);
} glimpse_op_plugin_entry;

#define GLIMPSE_OP_PLUGIN_MAGIC 0x504F4C47u /* "GLOP" in the file */

#ifdef __cplusplus
}
#endif

#endif /* GLIMPSE_OP_ABI_H_ */
