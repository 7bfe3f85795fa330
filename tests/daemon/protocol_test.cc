// SPDX-License-Identifier: Apache-2.0
// Lines, methods and errors of docs/protocol.md without a socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "daemon/json_text.h"
#include "daemon/messages.h"
#include "daemon/server/methods.h"
#include "daemon/server/rpc.h"
#include "wire/base64.h"

namespace glimpse::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::json;

class FakeBackend : public Backend {
 public:
  FakeBackend() {
    for (const char* name : {"a", "b"}) {
      auto info = std::make_shared<PipelineInfo>();
      info->name = name;
      info->regions = {"left", "right"};
      info->labels = {"zero", "one"};
      info->description = R"({"camera":"c"})";
      infos_.push_back(info);
    }
    config_.sha256 = "sha256:00";
    config_.sockets.max_image_bytes = 8;
  }
  std::string version() const override { return "1.2.3"; }
  const config::Config& config() const override { return config_; }
  const std::vector<std::shared_ptr<const PipelineInfo>>& pipelines() const override { return infos_; }
  std::string Status(const ClientCounts&) override { return R"({"state":"running"})"; }
  const std::string& plugins_description() const override { return plugins_; }
  bool TryClassify(ClassifyRequest&& what) override {
    what_ = std::move(what);
    return room_;
  }
  bool TryReload(ReloadRequest&& request) override {
    if (!takes_reloads_) return false;
    reloads_.push_back(std::move(request));
    return true;
  }
  std::shared_ptr<const EvidenceStore> Evidence(const std::string&) override { return evidence_; }
  void SetPaused(const std::vector<std::string>& pipelines, bool paused) override {
    for (const std::string& name : pipelines) paused ? (void)paused_.insert(name) : (void)paused_.erase(name);
  }
  std::vector<std::string> paused() const override { return {paused_.begin(), paused_.end()}; }
  void Trigger(const std::vector<std::string>& pipelines) override { triggered_ = pipelines; }

  config::Config config_;
  std::vector<std::shared_ptr<const PipelineInfo>> infos_;
  std::string plugins_ = "[]";
  ClassifyRequest what_;
  bool room_ = true;
  std::vector<ReloadRequest> reloads_;
  bool takes_reloads_ = true;
  std::shared_ptr<EvidenceStore> evidence_;
  std::set<std::string> paused_;
  std::vector<std::string> triggered_;
};

class FakeCaller : public Caller {
 public:
  SocketKind kind() const override { return kind_; }
  std::optional<int> Subscribe(SubscriptionSettings settings) override {
    settings_ = std::move(settings);
    return room_ ? std::optional(7) : std::nullopt;
  }
  std::vector<int> Unsubscribe(std::optional<int> subscription) override {
    return subscription && *subscription != 7 ? std::vector<int>{} : std::vector<int>{7};
  }
  int64_t TakeClassifyToken() override { return wait_ms_; }
  std::optional<Reply> BeginLater(const RpcRequest&) override {
    if (!room_) return std::nullopt;
    ++begun_;
    return [this](MethodResult result) { later_ = std::move(result); };
  }
  bool RunAside(std::function<void()>&& job) override {
    job();
    return true;
  }
  ClientCounts clients() const override { return {}; }
  const LatestPredictions& latest() const override { return latest_; }

  SubscriptionSettings settings_;
  SocketKind kind_ = SocketKind::kRead;
  MethodResult later_;
  LatestPredictions latest_;
  int64_t wait_ms_ = 0;
  bool room_ = true;
  int begun_ = 0;  // answers that come later
};

class Protocol : public ::testing::Test {
 protected:
  // The answer to a line, as a client would see it; null when there is none.
  Json Ask(const std::string& line) {
    const auto parsed = ParseRequest(line);
    if (const auto* refusal = std::get_if<RpcRefusal>(&parsed))
      return Json::parse(ErrorLine(refusal->id, refusal->error));
    const auto& request = std::get<RpcRequest>(parsed);
    const MethodResult result = Call(request, caller_, backend_);
    if (const auto* text = std::get_if<std::string>(&result)) return Json::parse(ResultLine(request.id, *text));
    if (const auto* error = std::get_if<RpcError>(&result)) return Json::parse(ErrorLine(request.id, *error));
    return nullptr;
  }
  Json AskMethod(const std::string& method, const std::string& params = "{}") {
    return Ask(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}");
  }
  int CodeOf(const Json& answer) { return answer.contains("error") ? answer["error"]["code"].get<int>() : 0; }

  FakeBackend backend_;
  FakeCaller caller_;
};

TEST(FormatTime, IsUtcToTheMillisecondAndAlwaysAsLong) {
  using std::chrono::microseconds;
  // Beside gmtime(3): days of leap years and others, the end of a second, before 1970.
  for (const int64_t us : {int64_t{0}, int64_t{999'999}, int64_t{951'782'399'999'999}, int64_t{951'782'400'000'000},
                           int64_t{951'868'800'000'000}, int64_t{1'709'164'800'123'456}, int64_t{4'107'542'399'500'000},
                           int64_t{4'102'444'800'001'000}, int64_t{-1}, int64_t{-86'400'000'000}}) {
    const int64_t ms = us >= 0 ? us / 1000 : -((-us + 999) / 1000);
    const int64_t whole = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
    const auto seconds = static_cast<std::time_t>(whole);
    if (seconds != whole) continue;  // gmtime(3) has 32 bits here and knows no such year
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(ms - seconds * 1000));
    EXPECT_EQ(FormatTime(std::chrono::system_clock::time_point(microseconds(us))), text);
  }
}

TEST_F(Protocol, WhatIsNotJsonIsAParseErrorWithIdNull) {
  for (const char* line : {"hello", "{", "{\"a\":}", "{} x", "\xff\xfe", "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2}"}) {
    const Json answer = Ask(line);
    EXPECT_EQ(CodeOf(answer), rpc::kParseError) << line;
    EXPECT_TRUE(answer["id"].is_null());
  }
}

TEST_F(Protocol, DeepJsonIsAParseErrorAndNoCrash) {
  EXPECT_EQ(CodeOf(Ask(std::string(500000, '['))), rpc::kParseError);
  EXPECT_EQ(CodeOf(Ask(std::string(200000, '[') + std::string(200000, ']'))), rpc::kParseError);
}

TEST_F(Protocol, BracketsInStringsAreNoDepth) {
  EXPECT_EQ(CodeOf(AskMethod("hello", R"({"client":")" + std::string(100, '[') + R"(\"[["})")), 0);
}

TEST_F(Protocol, WhatIsNoRequestIsAnInvalidRequest) {
  for (const char* line :
       {"[]", "1", "null", "\"x\"", "{}", R"({"jsonrpc":"1.0","id":1,"method":"hello"})",
        R"({"id":1,"method":"hello"})", R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","id":1,"method":5})",
        R"({"jsonrpc":"2.0","id":{},"method":"hello"})", R"({"jsonrpc":"2.0","id":[1],"method":"hello"})"}) {
    EXPECT_EQ(CodeOf(Ask(line)), rpc::kInvalidRequest) << line;
  }
  EXPECT_EQ(Ask(R"({"jsonrpc":"1.0","id":"mine"})")["id"], "mine");
}

TEST_F(Protocol, IdComesBackAsItWas) {
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","id":"x","method":"hello"})")["id"], "x");
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","id":1.5,"method":"hello"})")["id"], 1.5);
  EXPECT_TRUE(Ask(R"({"jsonrpc":"2.0","id":null,"method":"hello"})")["id"].is_null());
}

TEST_F(Protocol, UnknownMethodNamesTheNearest) {
  const Json answer = AskMethod("subscibe");
  EXPECT_EQ(CodeOf(answer), rpc::kMethodNotFound);
  EXPECT_EQ(answer["error"]["data"]["nearest"], "subscribe");
}

TEST_F(Protocol, WhatChangesThingsIsOnTheControlSocketOnly) {
  for (const char* method : {"why", "snapshot", "pause", "resume", "reload", "kernels.set", "log.level"}) {
    const Json answer = AskMethod(method);
    EXPECT_EQ(CodeOf(answer), rpc::kMethodNotFound) << method;
    EXPECT_EQ(answer["error"]["data"]["reason"], "control socket only") << method;
    EXPECT_EQ(answer["error"]["data"]["control"], backend_.config_.sockets.control.path) << method;
  }
  EXPECT_TRUE(backend_.paused_.empty());
  EXPECT_TRUE(backend_.reloads_.empty());
  caller_.kind_ = SocketKind::kControl;
  EXPECT_EQ(AskMethod("pause")["result"]["paused"], Json({"a", "b"}));
  EXPECT_EQ(AskMethod("resume", R"({"pipelines":["a"]})")["result"]["paused"], Json({"b"}));
  EXPECT_EQ(CodeOf(AskMethod("pause", R"({"pipelines":["c"]})")), rpc::kInvalidParams);
  EXPECT_THAT(AskMethod("hello")["result"]["methods"], ::testing::Contains("why"));
}

TEST_F(Protocol, WhyOfWhatIsNotKeptSaysWhatIs) {
  caller_.kind_ = SocketKind::kControl;
  backend_.evidence_ = std::make_shared<EvidenceStore>(config::Keep{2, 1000000}, TensorFacts{}, TensorFacts{});
  EXPECT_EQ(CodeOf(AskMethod("why", R"({"pipeline":"a","region":"left"})")), rpc::kNotKept);
  for (uint64_t frame = 5; frame < 8; ++frame) {
    auto evidence = std::make_shared<FrameEvidence>();
    evidence->frame = frame;
    backend_.evidence_->Add(std::move(evidence), media::MakeFrame(media::PixelFormat::kGrey8, 1, 1, {0}));
  }
  const Json answer = AskMethod("why", R"({"pipeline":"a","region":"left","frame":5})");
  EXPECT_EQ(CodeOf(answer), rpc::kNotKept);
  EXPECT_EQ(answer["error"]["data"], Json({{"first", 6}, {"last", 7}}));
  for (const char* params :
       {R"({"pipeline":"a"})", R"({"pipeline":"a","region":"top"})", R"({"region":"left"})",
        R"({"pipeline":"a","region":"left","frame":-1})", R"({"pipeline":"a","region":"left","frame":1.5})"}) {
    EXPECT_EQ(CodeOf(AskMethod("why", params)), rpc::kInvalidParams) << params;
  }
}

TEST_F(Protocol, HelloTellsVersionPipelinesAndLimits) {
  const Json result = AskMethod("hello")["result"];
  EXPECT_EQ(result["version"], "1.2.3");
  EXPECT_EQ(result["protocol"], Json({{"major", 1}, {"minor", 2}}));
  EXPECT_EQ(result["pipelines"], Json({"a", "b"}));
  EXPECT_EQ(result["limits"]["max_image_bytes"], 8);
  EXPECT_EQ(result["methods"],
            Json({"hello", "status", "describe", "latest", "subscribe", "unsubscribe", "classify", "trigger"}));
}

struct BadParams {
  const char* method;
  const char* params;
};

TEST_F(Protocol, WrongParamsAreInvalidParams) {
  const BadParams cases[] = {{"hello", "[]"},
                             {"hello", "null"},
                             {"hello", R"({"clinet":"x"})"},
                             {"hello", R"({"client":5})"},
                             {"status", R"({"x":1})"},
                             {"describe", R"({"pipelines":"a"})"},
                             {"describe", R"({"pipelines":["nope"]})"},
                             {"latest", R"({"pipelines":[1]})"},
                             {"subscribe", R"({"on":"frames"})"},
                             {"subscribe", R"({"on":1})"},
                             {"subscribe", R"({"max_rate_hz":0})"},
                             {"subscribe", R"({"max_rate_hz":-1})"},
                             {"subscribe", R"({"max_rate_hz":1e9})"},
                             {"subscribe", R"({"max_rate_hz":"10"})"},
                             {"unsubscribe", R"({"subscription":8})"},
                             {"unsubscribe", R"({"subscription":1.5})"},
                             {"unsubscribe", R"({"subscription":99999999999999999999})"},
                             {"classify", R"({"image":"AAAA"})"},
                             {"classify", R"({"pipeline":"a"})"},
                             {"classify", R"({"pipeline":"a","image":"AAAA","tensor":"AAAA"})"},
                             {"classify", R"({"pipeline":"a","image":5})"},
                             {"classify", R"({"pipeline":"a","image":"A*A="})"},
                             {"classify", R"({"pipeline":"a","image":"AAAAAAAAAAAAAAAA"})"},
                             {"classify", R"({"pipeline":"a","image":"AAAA","region":"middle"})"},
                             {"classify", R"({"pipeline":"a","tensor":"AAAA","region":"left"})"}};
  for (const BadParams& bad : cases) {
    const Json answer = AskMethod(bad.method, bad.params);
    EXPECT_EQ(CodeOf(answer), rpc::kInvalidParams) << bad.method << bad.params;
    EXPECT_THAT(answer["error"]["message"].get<std::string>(), StartsWith("invalid params: "));
  }
}

TEST_F(Protocol, UnknownMemberIsNamedWithItsNearest) {
  EXPECT_THAT(AskMethod("subscribe", R"({"pipeline":["a"]})")["error"]["message"].get<std::string>(),
              HasSubstr("did you mean 'pipelines'?"));
}

TEST_F(Protocol, SubscribeReadsItsSettings) {
  EXPECT_EQ(AskMethod("subscribe", R"({"pipelines":["b"],"on":"change","max_rate_hz":2.5})")["result"]["subscription"],
            7);
  EXPECT_EQ(caller_.settings_.pipelines, std::set<std::string>{"b"});
  EXPECT_TRUE(caller_.settings_.on_change);
  EXPECT_EQ(caller_.settings_.max_rate_hz, 2.5);
  caller_.room_ = false;
  EXPECT_EQ(CodeOf(AskMethod("subscribe")), rpc::kTooManySubscriptions);
}

TEST_F(Protocol, ClassifyIsHandedOnWithItsBytes) {
  EXPECT_TRUE(AskMethod("classify", R"({"pipeline":"b","image":"AQID","region":"right"})").is_null());
  EXPECT_EQ(backend_.what_.pipeline, "b");
  EXPECT_EQ(backend_.what_.region, "right");
  EXPECT_FALSE(backend_.what_.is_tensor);
  EXPECT_EQ(backend_.what_.bytes, (std::vector<std::byte>{std::byte{1}, std::byte{2}, std::byte{3}}));
}

TEST_F(Protocol, ClassifyIsLimitedAndSaysWhenToComeAgain) {
  caller_.wait_ms_ = 50;
  const Json answer = AskMethod("classify", R"({"pipeline":"b","image":"AQID"})");
  EXPECT_EQ(CodeOf(answer), rpc::kTooManyRequests);
  EXPECT_EQ(answer["error"]["data"]["retry_after_ms"], 50);
  caller_.wait_ms_ = 0;
  caller_.room_ = false;
  EXPECT_EQ(CodeOf(AskMethod("classify", R"({"pipeline":"b","image":"AQID"})")), rpc::kBusy);
}

TEST_F(Protocol, TriggerIsForThePipelinesNamedOrAllAndIsLimitedAsClassifyIs) {
  EXPECT_EQ(AskMethod("trigger", R"({"pipelines":["b"]})")["result"]["triggered"], Json::parse(R"(["b"])"));
  EXPECT_EQ(backend_.triggered_, std::vector<std::string>{"b"});
  EXPECT_EQ(AskMethod("trigger")["result"]["triggered"], Json::parse(R"(["a","b"])"));
  EXPECT_EQ(backend_.triggered_, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(CodeOf(AskMethod("trigger", R"({"pipelines":["c"]})")), rpc::kInvalidParams);
  EXPECT_EQ(CodeOf(AskMethod("trigger", R"({"pipeline":"a"})")), rpc::kInvalidParams);
  backend_.triggered_.clear();
  caller_.wait_ms_ = 50;
  EXPECT_EQ(CodeOf(AskMethod("trigger")), rpc::kTooManyRequests);
  EXPECT_TRUE(backend_.triggered_.empty());
}

TEST_F(Protocol, LatestListsRegionsInTheirOrderAndLeavesOutTheSilent) {
  caller_.latest_[{"a", "right"}] = std::make_shared<const std::string>(R"({"region":"right")");
  caller_.latest_[{"a", "left"}] = std::make_shared<const std::string>(R"({"region":"left")");
  const Json all = AskMethod("latest")["result"]["predictions"];
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["region"], "left");
  EXPECT_EQ(AskMethod("latest", R"({"pipelines":["b"]})")["result"]["predictions"].size(), 0u);
}

TEST_F(Protocol, DescribeKeepsToThePipelinesAskedFor) {
  EXPECT_EQ(AskMethod("describe")["result"]["pipelines"].size(), 2u);
  const Json one = AskMethod("describe", R"({"pipelines":["a"]})")["result"];
  EXPECT_EQ(one["pipelines"], Json({{"a", {{"camera", "c"}}}}));
}

TEST(PredictionMembers, HasEveryFieldOfTheContract) {
  auto info = std::make_shared<PipelineInfo>();
  info->name = "digits";
  info->labels = {"zero", "seven"};
  info->model_sha256 = "sha256:ab";
  info->numerics = "litert-reference";
  info->config_sha256 = "sha256:cd";
  Prediction prediction;
  prediction.pipeline = info;
  prediction.region = "d1";
  prediction.frame = 812;
  prediction.origin = "\xff.png";  // file names need not be UTF-8
  prediction.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1772359200123));
  prediction.decision = {true, "", 1, 0.996};
  prediction.scores = {0.004, 0.996};
  prediction.captured = std::chrono::steady_clock::time_point(std::chrono::seconds(51));
  prediction.age_us = 9100;
  prediction.preprocess_us = 120;
  prediction.inference_us = 130;
  const Json line = Json::parse(PredictionLine(PredictionMembers(prediction), 3, 2));
  EXPECT_EQ(line["method"], "prediction");
  EXPECT_EQ(line["params"], Json::parse(R"({"pipeline":"digits","region":"d1","frame":812,
      "time":"2026-03-01T10:00:00.123Z","status":"ok","label":"seven","index":1,"score":0.996,"scores":[0.004,0.996],
      "age_us":9100,"captured_us":51000000,"latency_us":{"preprocess":120,"inference":130},"model":"sha256:ab","numerics":"litert-reference",
      "config":"sha256:cd","origin":"\ufffd.png","dropped":3,"subscription":2})"));
  // What a camera said of the frame; it need not say everything.
  prediction.sensor = {51000000123, 9998, 2.5, std::nullopt, 142.75};
  EXPECT_EQ(Json::parse(PredictionMembers(prediction) + "}")["sensor"],
            Json::parse(R"({"timestamp_ns":51000000123,"exposure_us":9998,"analogue_gain":2.5,"lux":142.75})"));
  prediction.sensor = {std::nullopt, std::nullopt, std::nullopt, 1.5, std::nullopt};
  EXPECT_EQ(Json::parse(PredictionMembers(prediction) + "}")["sensor"], Json::parse(R"({"digital_gain":1.5})"));
  prediction.decision = {false, "blank", -1, 0.5};
  const Json unknown = Json::parse(PredictionLine(PredictionMembers(prediction), 0, 1))["params"];
  EXPECT_EQ(unknown["status"], "unknown");
  EXPECT_EQ(unknown["reason"], "blank");
  EXPECT_TRUE(unknown["label"].is_null());
  EXPECT_TRUE(unknown["index"].is_null());
}

TEST_F(Protocol, ChangesAreHandedOnAndAnsweredLater) {
  caller_.kind_ = SocketKind::kControl;
  EXPECT_TRUE(AskMethod("reload").is_null());
  EXPECT_TRUE(
      AskMethod("kernels.set", R"({"pipeline":"b","use":"avx2","override":{"CONV_2D":"reference"}})").is_null());
  ASSERT_EQ(backend_.reloads_.size(), 2u);
  EXPECT_FALSE(backend_.reloads_[0].kernels);
  ASSERT_TRUE(backend_.reloads_[1].kernels);
  EXPECT_EQ(backend_.reloads_[1].kernels->pipeline, "b");
  EXPECT_EQ(backend_.reloads_[1].kernels->use, "avx2");
  EXPECT_EQ(backend_.reloads_[1].kernels->overrides, (std::map<std::string, std::string>{{"CONV_2D", "reference"}}));
  EXPECT_EQ(caller_.begun_, 2);
}

TEST_F(Protocol, ChangesWithWrongParametersAreRefusedAtOnce) {
  caller_.kind_ = SocketKind::kControl;
  for (const char* params :
       {R"({"pipeline":"c"})", R"({})", R"({"pipeline":"a","use":1})", R"({"pipeline":"a","override":[]})",
        R"({"pipeline":"a","override":{"X":1}})", R"({"pipeline":"a","uses":"auto"})", "[]"}) {
    EXPECT_EQ(CodeOf(AskMethod("kernels.set", params)), rpc::kInvalidParams) << params;
  }
  EXPECT_EQ(CodeOf(AskMethod("reload", R"({"now":true})")), rpc::kInvalidParams);
  EXPECT_TRUE(backend_.reloads_.empty());
  EXPECT_EQ(caller_.begun_, 0);
}

TEST_F(Protocol, TooManyWaitingChangesAreBusy) {
  caller_.kind_ = SocketKind::kControl;
  backend_.takes_reloads_ = false;
  EXPECT_TRUE(AskMethod("reload").is_null());
  EXPECT_EQ(std::get<RpcError>(caller_.later_).code, rpc::kBusy);
  caller_.room_ = false;
  EXPECT_EQ(CodeOf(AskMethod("reload")), rpc::kBusy);
}

TEST_F(Protocol, AVerdictSaysWhatWasWrongAndWhere) {
  caller_.kind_ = SocketKind::kControl;
  AskMethod("reload");
  ReloadVerdict verdict;
  verdict.message = "reload refused, ...";
  const auto refusal = [&](ErrorCode code, const std::string& message) {
    verdict.error = {code, message};
    backend_.reloads_[0].done(verdict);
    return std::get<RpcError>(caller_.later_);
  };
  RpcError error = refusal(ErrorCode::kInvalidConfig, "/etc/a:b.yaml:12:7: unknown key");
  EXPECT_EQ(error.code, rpc::kRefused);
  EXPECT_EQ(error.message, verdict.message);
  EXPECT_EQ(error.data,
            Json::parse(R"({"kind":"configuration","exit_status":5,"reason":"/etc/a:b.yaml:12:7: unknown key",
                                        "file":"/etc/a:b.yaml","line":12,"column":7})"));
  EXPECT_EQ(refusal(ErrorCode::kInvalidModel, "m.tflite: broken").data["exit_status"], 3);
  EXPECT_EQ(refusal(ErrorCode::kUnsupported, "m.tflite: no kernel").data["exit_status"], 4);
  EXPECT_EQ(refusal(ErrorCode::kIo, "no").data["exit_status"], 1);
  verdict.findings.wrong = {"digits", 3, "CONV_2D 'c'", "org.k", "avx2"};
  error = refusal(ErrorCode::kPlugin, "differs");
  EXPECT_EQ(error.data,
            Json::parse(R"({"kind":"plugin","exit_status":7,"reason":"differs","pipeline":"digits","operator":3,
                                        "layer":"CONV_2D 'c'","kernel":"org.k","plugin":"avx2"})"));
}

TEST(DecodeBase64, TakesRfc4648AndNothingElse) {
  const auto bytes = [](const char* text) {
    std::vector<std::byte> result;
    for (; *text != '\0'; ++text) result.push_back(static_cast<std::byte>(*text));
    return result;
  };
  EXPECT_EQ(wire::DecodeBase64("Zm9vYmFy"), bytes("foobar"));  // RFC 4648, section 10
  EXPECT_EQ(wire::DecodeBase64("Zm9vYg=="), bytes("foob"));
  EXPECT_EQ(wire::DecodeBase64(""), bytes(""));
  for (const char* bad : {"Zm9vYg", "Zm9vYg=", "====", "Zm9v!", "Zm9v-_"}) EXPECT_FALSE(wire::DecodeBase64(bad)) << bad;
}

}  // namespace
}  // namespace glimpse::daemon
