// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_plugins.h"

#include <utility>

namespace glimpse::testkit {
namespace {

int g_live_kernels = 0;

// Behind glimpse_kernel: what to call.
struct Instance {
  glimpse_kernel api{};
  const FakeKernel* kernel = nullptr;
};

glimpse_status PrepareInstance(glimpse_kernel* self, const glimpse_node* node, const glimpse_prepare* prepare) {
  return static_cast<Instance*>(self->plugin_data)->kernel->prepare(*node, *prepare);
}

glimpse_status InvokeInstance(glimpse_kernel* self, const glimpse_invoke* invoke) {
  return static_cast<Instance*>(self->plugin_data)->kernel->invoke(*invoke);
}

void DestroyInstance(glimpse_kernel* self) {
  --g_live_kernels;
  delete static_cast<Instance*>(self->plugin_data);
}

// Keeps everything that the C structs of one plugin point to.
class FakePlugin final : public Plugin {
 public:
  FakePlugin(std::string name, std::vector<FakeKernel> kernels) : name_(std::move(name)), kernels_(std::move(kernels)) {
    for (FakeKernel& kernel : kernels_) Describe(kernel);
    factory_.base.struct_size = sizeof(glimpse_op_factory);
    factory_.base.count = static_cast<uint32_t>(kernels_.size());
    factory_.base.descriptor = [](const glimpse_op_factory* self, uint32_t index) {
      return &reinterpret_cast<const Factory*>(self)->owner->descriptors_[index];
    };
    factory_.base.create = [](const glimpse_op_factory* self, uint32_t index, glimpse_kernel** out) {
      auto* instance = new Instance;
      instance->kernel = &reinterpret_cast<const Factory*>(self)->owner->kernels_[index];
      instance->api.struct_size = sizeof(glimpse_kernel);
      instance->api.plugin_data = instance;
      instance->api.prepare = PrepareInstance;
      instance->api.invoke = InvokeInstance;
      instance->api.destroy = DestroyInstance;
      ++g_live_kernels;
      *out = &instance->api;
      return glimpse_status{GLIMPSE_OK};
    };
    factory_.owner = this;
  }

  const std::string& name() const override { return name_; }
  const std::string& version() const override { return version_; }
  const std::string& path() const override { return name_; }
  const glimpse_op_factory& factory() const override { return factory_.base; }
  const std::vector<glimpse_op_descriptor>& descriptors() const override { return descriptors_; }

 private:
  struct Factory {
    glimpse_op_factory base{};  // first, so that the ABI's pointer is also ours
    const FakePlugin* owner = nullptr;
  };

  void Describe(const FakeKernel& kernel) {
    glimpse_op_descriptor& d = descriptors_.emplace_back();
    d.struct_size = sizeof(d);
    d.flags = kernel.flags;
    std::vector<const char*>& ops = names_.emplace_back();
    ops.push_back(kernel.op.c_str());
    for (const std::string& op : kernel.then) ops.push_back(op.c_str());
    d.ops = ops.data();
    d.op_count = static_cast<uint32_t>(ops.size());
    d.impl = kernel.impl.c_str();
    d.version = "1";
    d.op_version_min = kernel.version_min;
    d.op_version_max = kernel.version_max;
    d.input_min = kernel.input_min;
    d.input_max = kernel.input_max;
    d.output_min = kernel.output_min;
    d.output_max = kernel.output_max;
    d.input_types = kernel.input_types;
    d.cpu_features[0] = kernel.cpu_features;
    if (!kernel.numerics.empty()) {
      std::vector<const char*>& list = names_.emplace_back();
      for (const std::string& profile : kernel.numerics) list.push_back(profile.c_str());
      list.push_back(nullptr);
      d.numerics = list.data();
    }
    // The score is a function of the node alone in the ABI, so each value needs a function of its own.
    switch (kernel.score) {
      case 0:
        d.score = [](const glimpse_host*, const glimpse_node*) { return uint32_t{0}; };
        break;
      case 200:
        d.score = [](const glimpse_host*, const glimpse_node*) { return uint32_t{200}; };
        break;
      default:
        d.score = nullptr;  // counts as 100
    }
  }

  std::string name_;
  std::string version_ = "1";
  std::vector<FakeKernel> kernels_;
  std::deque<std::vector<const char*>> names_;
  std::vector<glimpse_op_descriptor> descriptors_;
  Factory factory_;
};

}  // namespace

glimpse_status ShapeOfFirstInput(const glimpse_node& node, const glimpse_prepare& prepare) {
  const glimpse_operator& op = *node.operators[0];
  for (uint32_t i = 0; i < op.output_count; ++i) {
    const glimpse_status status = prepare.set_output_shape(prepare.context, i, op.inputs[0]->rank, op.inputs[0]->dims);
    if (status != GLIMPSE_OK) return status;
  }
  return prepare.report_work(prepare.context, 10, 1);
}

FakePluginHost::FakePluginHost(uint64_t cpu_features) {
  host_.struct_size = sizeof(host_);
  host_.name = "test";
  host_.version = "0";
  host_.cpu_features[0] = cpu_features;
  host_.cpu_part = "";
  host_.get_extension = [](const glimpse_host*, const char*) -> const void* { return nullptr; };
}

FakePluginHost::~FakePluginHost() = default;

void FakePluginHost::Add(const std::string& plugin, std::vector<FakeKernel> kernels) {
  plugins_.push_back(std::make_shared<FakePlugin>(plugin, std::move(kernels)));
}

const Plugin* FakePluginHost::Find(const std::string& name) const {
  for (const auto& plugin : plugins_) {
    if (plugin->name() == name) return plugin.get();
  }
  return nullptr;
}

int LiveKernels() { return g_live_kernels; }

}  // namespace glimpse::testkit
