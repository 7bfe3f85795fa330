// SPDX-License-Identifier: Apache-2.0
// Controls by name, on the types of the libcamera that is installed; no camera is needed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libcamera/control_ids.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "media/libcamera/controls.h"

namespace glimpse::media {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace lc = libcamera::controls;
using Wanted = std::map<std::string, std::string>;

// A camera with autofocus that exposes for 100 us to 66 ms.
libcamera::ControlInfoMap Offered() {
  const std::vector<libcamera::ControlValue> focus = {libcamera::ControlValue(static_cast<int32_t>(lc::AfModeManual)),
                                                      libcamera::ControlValue(static_cast<int32_t>(lc::AfModeAuto))};
  return libcamera::ControlInfoMap(
      libcamera::ControlInfoMap::Map{
          {&lc::ExposureTime, libcamera::ControlInfo(100, 66000, 10000)},
          {&lc::AnalogueGain, libcamera::ControlInfo(1.0f, 16.0f, 1.0f)},
          {&lc::AeMeteringMode, libcamera::ControlInfo(lc::AeMeteringModeValues)},
          {&lc::AfMode, libcamera::ControlInfo(focus)},
          {&lc::AfTrigger, libcamera::ControlInfo(lc::AfTriggerValues)},
          {&lc::LensPosition, libcamera::ControlInfo(0.0f, 15.0f, 1.0f)},
          {&lc::ColourGains, libcamera::ControlInfo(0.0f, 32.0f)},
          {&lc::FrameDurationLimits, libcamera::ControlInfo(int64_t{1000}, int64_t{1000000})}},
      lc::controls);
}

CameraControls Make(const Wanted& wanted, double fps = 25) {
  auto controls = MakeControls(wanted, fps, Offered());
  EXPECT_TRUE(controls) << controls.error().message;
  return controls ? std::move(*controls) : CameraControls{};
}

std::string Refusal(const Wanted& wanted) {
  const auto controls = MakeControls(wanted, 25, Offered());
  EXPECT_FALSE(controls);
  if (controls) return "";
  EXPECT_EQ(controls.error().code, ErrorCode::kInvalidConfig);
  return controls.error().message;
}

TEST(LibcameraControls, SetsWhatIsNamedAndTheFrameDuration) {
  const CameraControls controls =
      Make({{"shutter", "20000"}, {"gain", "2.5"}, {"metering", "spot"}, {"awbgains", "1.5,2"}});
  EXPECT_EQ(controls.list.get(lc::ExposureTime), 20000);
  EXPECT_EQ(controls.list.get(lc::AnalogueGain), 2.5f);
  EXPECT_EQ(controls.list.get(lc::AeMeteringMode), lc::MeteringSpot);
  const auto gains = controls.list.get(lc::ColourGains);
  ASSERT_TRUE(gains);
  EXPECT_EQ((*gains)[0], 1.5f);
  EXPECT_EQ((*gains)[1], 2.0f);
  const auto limits = controls.list.get(lc::FrameDurationLimits);
  ASSERT_TRUE(limits);
  EXPECT_EQ((*limits)[0], 40000) << "25 frames a second";
  EXPECT_EQ((*limits)[1], 40000);
}

TEST(LibcameraControls, ALensPositionMeansManualFocusAndAutoMeansNow) {
  EXPECT_EQ(Make({{"lens-position", "4"}}).list.get(lc::AfMode), lc::AfModeManual);
  const CameraControls automatic = Make({{"autofocus-mode", "auto"}});
  EXPECT_EQ(automatic.list.get(lc::AfMode), lc::AfModeAuto);
  EXPECT_EQ(automatic.list.get(lc::AfTrigger), lc::AfTriggerStart);
  EXPECT_FALSE(Make({{"autofocus-mode", "manual"}}).list.contains(lc::AfTrigger.id()));
}

TEST(LibcameraControls, RotationIsBothFlipsAndUndoesThem) {
  const CameraControls turned = Make({{"rotation", "180"}});
  EXPECT_TRUE(turned.hflip && turned.vflip);
  const CameraControls both = Make({{"hflip", "true"}, {"rotation", "180"}});
  EXPECT_FALSE(both.hflip);
  EXPECT_TRUE(both.vflip);
  EXPECT_THAT(Refusal({{"rotation", "90"}}), HasSubstr("0 or 180"));
}

TEST(LibcameraControls, LeavesOutWhatTheCameraLacks) {
  EXPECT_THAT(Make({{"awb", "daylight"}, {"denoise", "off"}, {"tuning-file", "x.json"}}).ignored,
              ElementsAre("awb", "denoise"));
}

TEST(LibcameraControls, RefusesWhatIsWrongWithWhatWouldBeRight) {
  EXPECT_THAT(Refusal({{"shuter", "1"}}), HasSubstr("did you mean 'shutter'?"));
  EXPECT_THAT(Refusal({{"shutter", "fast"}}), HasSubstr("'fast' is no value for 'shutter', which is a whole number"));
  EXPECT_THAT(Refusal({{"shutter", "70000"}}), HasSubstr("this camera takes 100 to 66000"));
  EXPECT_THAT(Refusal({{"metering", "middle"}}), HasSubstr("one of centre, spot, average, custom"));
  EXPECT_THAT(Refusal({{"autofocus-mode", "continuous"}}), HasSubstr("does not have 'continuous'"));
  EXPECT_THAT(Refusal({{"awbgains", "1.5"}}), HasSubstr("two numbers"));
  EXPECT_THAT(Refusal({{"gain", "nan"}}), HasSubstr("a number"));
  EXPECT_THAT(Refusal({{"hflip", "maybe"}}), HasSubstr("true or false"));
}

}  // namespace
}  // namespace glimpse::media
